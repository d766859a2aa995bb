"""What the authority words itself, in the pages."""

from __future__ import annotations

from django import template

from marelle.places.selectors import portal_text

register = template.Library()


@register.simple_tag
def authority_text(code: str) -> str:
    """The text of this code; a page with paragraphs takes it `as` a variable and breaks its lines."""
    return portal_text(code)
