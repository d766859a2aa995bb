"""`python -m marelle <command>`, or `marelle <command>` where it is installed: Django's commands and ours.

`check` also tells what production lacks; `serve` is gunicorn as `serving.py` configures it.
"""

from __future__ import annotations

import os
import sys

from django.core.management import execute_from_command_line

from marelle import __version__


def main(arguments: list[str] | None = None) -> None:
    arguments = sys.argv[1:] if arguments is None else arguments
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "marelle.settings")
    if arguments[:1] in (["version"], ["--version"]):
        print(__version__)  # noqa: T201
        return
    if arguments[:1] == ["serve"]:
        # In its place: signals reach it, and a new one can be started from its own command line.
        serve = [sys.executable, "-m", "gunicorn", "--config", "python:marelle.serving", *arguments[1:]]
        os.execv(sys.executable, serve)  # noqa: S606 - this very Python  # nosec B606
    if arguments[:1] == ["check"]:
        arguments = ["check", "--deploy", "--database", "default", *arguments[1:]]
    execute_from_command_line(["marelle", *arguments])


if __name__ == "__main__":
    main()
