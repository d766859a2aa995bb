"""Django's plain widgets, written in Python: letter for letter what its templates give, but for the choice of
nothing, which is a line of dashes there and words here.

A field of a form was some ten templates, one inside the other: on pages with long forms, half of their time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from html import escape
from typing import Any, Final

from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms.renderers import DjangoTemplates
from django.http import HttpRequest
from django.utils.safestring import SafeData
from django.utils.translation import gettext as _

_WIDGETS = "django/forms/widgets/"

DASHES: Final = BLANK_CHOICE_DASH[0][1]

Widget = Mapping[str, Any]
"""The context of a widget, as Django makes it."""


class WidgetRenderer(DjangoTemplates):
    """Renders by Django's templates what it does not know."""

    def render(
        self, template_name: str, context: Mapping[str, Any], request: HttpRequest | None = None
    ) -> str:
        write = WRITERS.get(template_name)
        if write is None:
            return super().render(template_name, dict(context), request)
        return write(context["widget"]).strip()


def escaped(value: object) -> str:
    """The text of it as HTML; what is marked safe stays. Django's own, without what it asks of each of the
    hundreds of choices of a form."""
    text = str(value)
    return text if isinstance(text, SafeData) else escape(text)


def _attributes(attrs: Mapping[str, Any]) -> str:
    return "".join(
        f" {escaped(name)}" if value is True else f' {escaped(name)}="{escaped(value)}"'
        for name, value in attrs.items()
        if value is not False
    )


def _input(widget: Widget) -> str:
    value = "" if widget["value"] is None else f' value="{escaped(widget["value"])}"'
    kind, name, attributes = escaped(widget["type"]), escaped(widget["name"]), _attributes(widget["attrs"])
    return f'<input type="{kind}" name="{name}"{value}{attributes}>\n'


def _textarea(widget: Widget) -> str:
    value = escaped(widget["value"]) if widget["value"] else ""
    return f'<textarea name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>\n{value}</textarea>'


def _select(widget: Widget) -> str:
    nothing = nothing_chosen(required=widget["required"])
    groups = "".join(_select_group(name, options, nothing) for name, options, _index in widget["optgroups"])
    return f'<select name="{escaped(widget["name"])}"{_attributes(widget["attrs"])}>{groups}\n</select>'


def nothing_chosen(*, required: bool) -> str:
    """What an empty choice says where a form gave it no words of its own."""
    return _("Choisir…") if required else _("Pas de choix")


def _select_group(name: str | None, options: Iterable[Widget], nothing: str) -> str:
    lines = "".join(f"\n  {_option(one, nothing)}\n" for one in options)
    return f'\n  <optgroup label="{escaped(name)}">{lines}\n  </optgroup>' if name else lines


def _option(widget: Widget, nothing: str) -> str:
    label = nothing if widget["label"] == DASHES else escaped(widget["label"])
    return f'<option value="{escaped(widget["value"])}"{_attributes(widget["attrs"])}>{label}</option>'


def _choices(widget: Widget) -> str:
    attrs = widget["attrs"]
    own = "".join(f' {name}="{escaped(attrs[name])}"' for name in ("id", "class") if attrs.get(name))
    groups = "".join(_choice_group(name, options) for name, options, _index in widget["optgroups"])
    return f"<div{own}>{groups}\n</div>"


def _choice_group(name: str | None, options: Iterable[Widget]) -> str:
    lines = "".join(f"<div>\n    {_choice(one)}</div>" for one in options)
    return f"\n  <div><label>{escaped(name)}</label>{lines}\n  </div>" if name else lines


def _choice(widget: Widget) -> str:
    if not widget["wrap_label"]:
        return f"{_input(widget)}\n\n"
    key = widget["attrs"].get("id")
    whose = f' for="{escaped(key)}"' if key else ""
    return f"<label{whose}>{_input(widget)} {escaped(widget['label'])}</label>\n\n"


INPUTS = (
    *("checkbox", "color", "date", "datetime", "email", "file", "hidden", "input", "number"),
    *("password", "search", "tel", "text", "time", "url"),
)
WRITERS: Final[Mapping[str, Callable[[Widget], str]]] = {
    **{f"{_WIDGETS}{name}.html": _input for name in INPUTS},
    f"{_WIDGETS}textarea.html": _textarea,
    f"{_WIDGETS}select.html": _select,
    f"{_WIDGETS}radio.html": _choices,
    f"{_WIDGETS}checkbox_select.html": _choices,
    f"{_WIDGETS}radio_option.html": _choice,
    f"{_WIDGETS}checkbox_option.html": _choice,
}
