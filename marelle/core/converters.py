"""Converters of addresses."""

from __future__ import annotations

from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """`<id:…>`: the key of a row. What no database can hold is an address that does not exist."""

    regex = "[1-9][0-9]{0,17}"
