"""`python -m marelle <command>`: Django's commands and ours. `check` also tells what production lacks."""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line


def main(arguments: list[str]) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")
    if arguments[:1] == ["check"]:
        arguments = ["check", "--deploy", "--database", "default", *arguments[1:]]
    execute_from_command_line(["marelle", *arguments])


if __name__ == "__main__":
    main(sys.argv[1:])
