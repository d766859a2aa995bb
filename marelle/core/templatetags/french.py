"""What French asks of a word that stands before another: for the templates of every floor."""

from __future__ import annotations

from django import template

from marelle.core.french import authority_text, of_authority, of_name, that_name

register = template.Library()
register.filter(authority_text)
register.filter(of_authority)
register.filter(of_name)
register.filter(that_name)
