"""Reading the forms of a page as a browser does, to send them back changed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

CHOSEN = ("radio", "checkbox")
TYPED = ("text", "textarea", "email", "tel", "date", "time", "number", "search")


@dataclass
class Input:
    """One name of a form: `values` are sent as it stands, `offered` could be chosen."""

    name: str
    kind: str
    values: list[str] = field(default_factory=list)
    offered: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    action: str
    method: str
    inputs: dict[str, Input] = field(default_factory=dict)

    @property
    def shape(self) -> str:
        """The same for two forms that differ by numbers alone."""
        return re.sub(r"[0-9]+", "0", f"{self.method} {self.action} {sorted(self.inputs)}")

    def data(self) -> dict[str, list[str]]:
        """What a browser sends when nobody touches anything: no button, no file."""
        return {
            one.name: list(one.values)
            for one in self.inputs.values()
            if one.values and one.kind not in {"file", "button", "submit"}
        }


def form_with(html: str, name: str) -> PageForm:
    """The form of a page that has a field of this name."""
    return next(form for form in forms_of("/", html) if name in form.inputs)


def forms_of(path: str, html: str) -> list[PageForm]:
    reader = _Reader(path)
    reader.feed(html)
    return reader.forms


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select: Input | None = None
        self._area: Input | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            action = urlsplit(urljoin(f"http://here{self.path}", given.get("action", "")))
            target = action.path + (f"?{action.query}" if action.query else "")
            self._form = PageForm(target, given.get("method", "get").lower())
            self.forms.append(self._form)
        elif tag == "option" and self._select is not None:
            self._select.offered.append(given.get("value", ""))
            if "selected" in given:
                self._select.values = [given.get("value", "")]
        elif self._form is not None and given.get("name") not in {None, "csrfmiddlewaretoken"}:
            self._named(tag, given)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.values = [(self._area.values[0] + data).lstrip("\n")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            if self._select is not None and not self._select.values:
                self._select.values = self._select.offered[:1]
            self._select = None
        elif tag == "textarea":
            self._area = None

    def _named(self, tag: str, given: dict[str, str]) -> None:
        assert self._form is not None
        kind = given.get("type", "text") if tag == "input" else tag
        one = self._form.inputs.setdefault(given["name"], Input(given["name"], kind))
        if tag == "select":
            self._select = one
        elif tag == "textarea":
            self._area, one.values = one, [""]
        elif kind in CHOSEN:
            value = given.get("value", "on")
            one.offered.append(value)
            one.values += [value] if "checked" in given else []
        else:
            one.values = [given.get("value", "")]
