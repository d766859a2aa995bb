"""What the login page shows of the demo."""

from __future__ import annotations

from django import template

from marelle.demo.accounts import LISTED, PASSWORD, PIN, DemoAccount

register = template.Library()


@register.simple_tag
def demo_accounts() -> tuple[DemoAccount, ...]:
    return LISTED


@register.simple_tag
def demo_password() -> str:
    return PASSWORD


@register.simple_tag
def demo_pin() -> str:
    return PIN
