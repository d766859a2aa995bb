#!/usr/bin/env python3
"""Django's usual door. `python -m marelle` does the same, from any folder."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")
    execute_from_command_line(sys.argv)
