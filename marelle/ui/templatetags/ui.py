"""Components for templates. The contract of each, with an example, is in `marelle/ui/README.md`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template import Context
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from marelle.core.french import instant_long_year
from marelle.ui import planning
from marelle.ui.components import Kid, OutcomeKind, OutcomeLine, Row, Toolbar
from marelle.ui.fields import field_html, is_first_fault
from marelle.ui.grid import Grid
from marelle.ui.icons import svg
from marelle.ui.renderer import escaped
from marelle.ui.shell import MenuEntry, Shell, Text

register = template.Library()

_TONES_OF_MESSAGES = {"debug": "info", "info": "info", "success": "ok", "warning": "warn", "error": "error"}


@register.simple_tag(takes_context=True)
def current_shell(context: Context) -> Shell:
    """The page's `Shell`, or a bare one where no context processor ran (errors)."""
    shell = context.get("shell")
    return shell if isinstance(shell, Shell) else Shell()


register.filter(instant_long_year)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative line icon. An unknown name is a mistake of ours: KeyError."""
    return svg(name)


@register.inclusion_tag("ui/components/button.html")
def button(
    label: Text,
    href: str = "",
    kind: str = "",
    *,
    name: str = "",
    value: str = "",
    form: str = "",
    confirm: Text = "",
    key: str = "",
) -> dict[str, Any]:
    """A link when `href` is given, else a button. `kind`: "go" (the main action), "quiet", "danger" or "".

    `key` is the letter that presses it where `desk.js` runs, shown on it.
    """
    return {
        "label": label,
        "href": href,
        "kind": kind,
        "name": name,
        "value": value,
        "form": form,
        "confirm": confirm,
        "key": key,
    }


@register.simple_tag
def tag(text: Text, tone: str = "plain") -> SafeString:
    """A short label in a pill. `tone`: info, ok, warn, error or plain.

    Written here: a list has one a line, and a template of its own for each was a tenth of its page.
    """
    return format_html('<span class="tag {}">{}</span>\n', tone, text)


@register.simple_tag
def back(url: str, label: object) -> SafeString:
    """The way back, above the title: `label` is the name of where it leads."""
    return format_html(
        '<p class="back"><a href="{}"><span aria-hidden="true">‹</span><span class="v">{} </span>{}</a></p>',
        url,
        gettext("Retour\u00a0:"),
        label,
    )


@register.inclusion_tag("ui/components/tile.html")
def tile(
    label: Text, url: str, icon: str, text: Text = "", badge: Text = "", badge_tone: str = "warn"
) -> dict[str, Any]:
    """A tile of the dashboard: the whole card is the link; `badge` is what waits there."""
    return {"label": label, "url": url, "icon": icon, "text": text, "badge": badge, "badge_tone": badge_tone}


@register.simple_tag
def row(shown: Row) -> SafeString:
    """One row of `<ul class="links">`: the whole of it is the link.

    Written here for the same reason as `tag`.
    """
    badge = f' <em class="tag {shown.tone}">{escaped(shown.badge)}</em>' if shown.badge else ""
    text = f" <small>{escaped(shown.text)}</small>" if shown.text else ""
    tone = "" if shown.badge else shown.tone
    return mark_safe(  # noqa: S308 - what was typed is escaped
        f'<a href="{escaped(shown.url)}"><span class="ico {tone}">{svg(shown.icon)}</span>'
        f"<span><span><b>{escaped(shown.label)}</b>{badge}</span>{text}</span></a>"
    )


@register.simple_tag
def dock(entries: Iterable[MenuEntry]) -> SafeString:
    """The links at the bottom of a phone, on every page of a family."""
    return mark_safe("".join(_of_dock(entry) for entry in entries))  # noqa: S308 - what was typed is escaped


def _of_dock(entry: MenuEntry) -> str:
    here = ' aria-current="page"' if entry.current else ""
    badge = f'<em>{entry.badge}<span class="v"> {escaped(entry.heard)}</span></em>' if entry.badge else ""
    return f'<a href="{entry.url}"{here}>{svg(entry.icon)}<span>{escaped(entry.label)}</span>{badge}</a>'


@register.inclusion_tag("ui/components/price_why.html")
def price_why(told: object) -> dict[str, Any]:
    """« Pourquoi ce prix ? », folded: `told` has a `title`, its `steps` (`sentence`, `amount`) and what they
    come to, `amount`."""
    return {"told": told}


@register.inclusion_tag("ui/components/empty.html")
def empty_state(
    title: Text, text: Text = "", action_label: Text = "", action_url: str = "", icon: str = "empty"
) -> dict[str, Any]:
    """Shown instead of an empty list: says what to do next."""
    return {
        "title": title,
        "text": text,
        "action_label": action_label,
        "action_url": action_url,
        "icon": icon,
    }


@register.simple_block_tag
def note(content: SafeString, tone: str = "info", title: Text = "") -> SafeString:
    """A coloured message with its symbol: `{% note "warn" title=… %}…{% endnote %}`."""
    heading = f"<b>{escape(title)}</b>" if title else ""
    # The content was rendered, and escaped, by the template engine.
    return mark_safe(f'<div class="note {escape(tone)}">{icon(tone)}<div>{heading}{content}</div></div>')  # noqa: S308


@register.simple_block_tag
def card(content: SafeString, title: Text = "", css: str = "") -> SafeString:
    """A white card. `css` adds classes of `marelle.css`, e.g. "narrow"."""
    heading, kind = (f"<h2>{escape(title)}</h2>", "section") if title else ("", "div")
    return mark_safe(f'<{kind} class="card pad {escape(css)}">{heading}{content}</{kind}>')  # noqa: S308


@register.simple_tag
def no_enter() -> SafeString:
    """First in a form whose button does what cannot be taken back: Enter in a field then presses nothing.

    A browser presses the first button by itself. This one would close a dialog, and there is none: unlike a
    disabled one, it is not passed over when Enter is pressed on a box to tick.
    """
    return mark_safe('<button hidden formmethod="dialog" formnovalidate></button>')


_FOCUSED = "a field has the cursor"


@register.simple_tag(takes_context=True)
def field(context: Context, bound: BoundField) -> SafeString:
    """One form field: label, mark of what is optional, help, error, all linked to the control.

    Of all the forms of a page, the first fault has the cursor.
    """
    page = context.dicts[0]
    focused = _FOCUSED not in page and is_first_fault(bound)
    if focused:
        page[_FOCUSED] = True
    return field_html(bound, focused=focused)


@register.inclusion_tag("ui/components/error_summary.html")
def error_summary(form: BaseForm) -> dict[str, Any]:
    """On top of a form: what is wanted in it; sent back, how many errors and a link to each field.

    A box to tick says by itself whether it is wanted, and so does a form of one field.
    """
    faulty = [bound for bound in form if bound.errors and not bound.is_hidden] if form.errors else []
    asked = [bound for bound in form if not bound.is_hidden and bound.widget_type != "checkbox"]
    wanted = [bound for bound in asked if bound.field.required]
    tells = len(asked) > 1 and len(wanted) > 0
    return {"form": form, "faulty": faulty, "tells": tells, "all_wanted": len(wanted) == len(asked)}


@register.inclusion_tag("ui/components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], parameter: str = "page") -> dict[str, Any]:
    """Links to the previous and next pages that keep the other parameters of the address."""

    def url(number: int) -> str:
        query = context["request"].GET.copy()
        query[parameter] = str(number)
        return "?" + str(query.urlencode())

    return {
        "page": page,
        "previous_url": url(page.previous_page_number()) if page.has_previous() else "",
        "next_url": url(page.next_page_number()) if page.has_next() else "",
    }


@register.inclusion_tag("ui/components/facts.html")
def facts(pairs: Iterable[tuple[Text, Text]]) -> dict[str, Any]:
    """A definition list of (term, value) pairs."""
    return {"pairs": pairs}


@register.inclusion_tag("ui/components/kids.html")
def kids(entries: Sequence[Kid], label: Text) -> dict[str, Any]:
    """The row of children. `label` names the row for those who hear it."""
    return {"entries": entries, "label": label}


@register.inclusion_tag("ui/components/outcomes.html")
def outcomes(lines: Sequence[OutcomeLine], form: str = "") -> dict[str, Any]:
    """What became of each cell after saving. `form` is the id of the form that the lines' buttons post."""
    all_saved = all(line.kind is not OutcomeKind.REFUSED for line in lines)
    return {"lines": lines, "form": form, "all_saved": all_saved}


@register.inclusion_tag("ui/components/toolbar.html")
def toolbar(bar: Toolbar) -> dict[str, Any]:
    """The bar above a planning."""
    return {"bar": bar}


@register.inclusion_tag("ui/components/save_bar.html")
def save_bar(
    form: str,
    reset_url: str,
    text: Text = "",
    *,
    asks_reason: bool = False,
    reason: str = "",
    reason_error: Text = "",
    asks_past: bool = False,
    reset_label: Text = "",
    why_url: str = "",
) -> dict[str, Any]:
    """The bar at the bottom. `form` is the id of the form it saves, `reset_url` the page afresh, if any.

    `asks_reason` adds the field `derogation`, for an agent who acts in a family's name, that holds `reason`;
    `reason_error` says what is wrong with it, `asks_past` adds the box `depasse`, to pass a capacity.
    `reset_label` replaces « Tout remettre » where the link leads elsewhere. `why_url` is asked, beside, why
    what is not saved yet costs what the bar says.
    """
    return {
        "form": form,
        "reset_url": reset_url,
        "text": text,
        "asks_reason": asks_reason,
        "reason": reason,
        "reason_error": reason_error,
        "asks_past": asks_past,
        "reset_label": reset_label,
        "why_url": why_url,
    }


@register.simple_tag
def planning_grids(grids: Sequence[Grid], now: datetime) -> SafeString:
    """The tables of a planning, with the hidden field `seen`."""
    return planning.render_grids(grids, now=now)


@register.simple_tag
def planning_legend(grids: Sequence[Grid]) -> SafeString:
    """The legend of a planning: the usual states and those that appear in `grids`."""
    return planning.render_legend(grids)


@register.filter
def tone_of(message_tags: str) -> str:
    """The tone of a message of `django.contrib.messages`."""
    return next(
        (_TONES_OF_MESSAGES[word] for word in message_tags.split() if word in _TONES_OF_MESSAGES), "info"
    )
