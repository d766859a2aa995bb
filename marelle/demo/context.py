"""What the demo adds to pages: the accounts that the login page lists."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from marelle.demo.accounts import LISTED, PASSWORD


def accounts(_request: HttpRequest) -> dict[str, Any]:
    return {"demo_accounts": LISTED, "demo_password": PASSWORD}
