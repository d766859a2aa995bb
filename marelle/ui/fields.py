"""One field of a form with all that surrounds it, written in Python: a form has a dozen, the settings of a
paper a hundred, and each was two templates."""

from __future__ import annotations

from typing import Final

from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from marelle.ui.icons import svg
from marelle.ui.renderer import escaped

ERROR: Final = svg("error")


def field_html(bound: BoundField, *, focused: bool) -> SafeString:
    """Label, mark of what is optional, help, error, all linked to the control, which may take the cursor."""
    if bound.is_hidden:
        return mark_safe(f"{bound}\n")  # noqa: S308  # nosec B308, B703
    wrong = " wrong" if bound.errors else ""
    alone = focused and not bound.use_fieldset
    control = bound.as_widget(attrs={"autofocus": True}) if alone else str(bound)
    label, help_html = escaped(bound.label), _help(bound)
    key = escaped(bound.id_for_label)
    optional = "" if bound.field.required else f" <small>{_('(facultatif)')}</small>"
    if bound.use_fieldset:
        told = f' aria-describedby="{escaped(bound.aria_describedby)}"' if bound.aria_describedby else ""
        told += ' tabindex="-1" autofocus' if focused else ""
        html = (
            f'<fieldset class="field{wrong}"{told}>\n  <legend>{label}{optional}</legend>\n'
            f"  {help_html}\n  {control}\n</fieldset>\n"
        )
    elif bound.widget_type == "checkbox":
        said = f"{label} <small>{_('(obligatoire)')}</small>" if bound.field.required else label
        html = (
            f'<div class="field tick{wrong}">\n  <label for="{key}">{control}<span>{said}</span></label>\n'
            f"  {help_html}\n</div>\n"
        )
    else:
        html = (
            f'<div class="field{wrong}">\n  <label for="{key}">{label}{optional}</label>\n'
            f"  {help_html}\n  {control}\n</div>\n"
        )
    return mark_safe(html)  # noqa: S308  # nosec B308, B703


def is_first_fault(bound: BoundField) -> bool:
    """Where the cursor goes after an error, without a script too."""
    if not bound.errors:
        return False
    shown = (
        name for name in bound.form.fields if name in bound.form.errors and not bound.form[name].is_hidden
    )
    return bound.name == next(shown, None)


def _help(bound: BoundField) -> str:
    html, key = "", escaped(bound.auto_id)
    if bound.help_text:
        html = f'<div class="help" id="{key}_helptext">{escaped(bound.help_text)}</div>'
    if bound.errors:
        told = "".join(f"<p>{ERROR}{escaped(error)}</p>" for error in bound.errors)
        html += f'<div class="fault" id="{key}_error">{told}</div>'
    return f"{html}\n"
