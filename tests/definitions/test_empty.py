"""An empty database gets its tables from `init`, once its file can be read."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from marelle.definitions.management.commands import init
from tests.database import empty
from tests.definitions.example import HAMLET

pytestmark = pytest.mark.once


def test_tables_are_made_once_the_file_can_be_read(
    django_db_setup: None, django_db_blocker: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By asking whether they would be: to apply the migrations takes as long as hundreds of tests."""
    applied: list[tuple[str, ...]] = []
    monkeypatch.setattr(init, "call_command", lambda *names, **_options: applied.append(names))
    file = tmp_path / "village.yaml"
    with django_db_blocker.unblock(), empty():
        file.write_text(HAMLET)
        out = StringIO()
        call_command("init", str(file), "--dry-run", stdout=out)
        assert "se lit bien\u00a0: 9 définitions" in out.getvalue()
        file.write_text(HAMLET.replace("zone: A", "zone: Z"))
        for options in (["--yes"], ["--dry-run"]):
            with pytest.raises(CommandError, match="1 erreur"):
                call_command("init", str(file), *options, stderr=StringIO())
        assert applied == []
        init._migrate(HAMLET)
        assert applied == [("migrate",)]
        assert connection.introspection.table_names() == []
