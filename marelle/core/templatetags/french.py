"""What French asks of a word that stands before another: for the templates of every floor."""

from __future__ import annotations

from django import template

from marelle.core.french import of_name

register = template.Library()
register.filter(of_name)
