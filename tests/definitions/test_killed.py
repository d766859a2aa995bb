"""An `init` that is killed leaves nothing half done, and is done again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from marelle.definitions.models import DefinitionKey
from marelle.journal.models import Entry
from marelle.mail.models import Message
from marelle.places.models import Authority, Structure
from tests.database import copied
from tests.definitions.example import HAMLET

KILLED = """
import django
django.setup()
import os, signal, sys
from django.core.management import call_command
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from marelle.definitions import services
from marelle.places.models import Structure
written = services.keys_keep
def killed(rows):
    written(rows)
    assert Structure.objects.exists()
    os.kill(os.getpid(), signal.SIGKILL)
if len(sys.argv) > 3:
    services.keys_keep = killed
call_command("init", sys.argv[2], "--yes")
"""


def init(name: str, file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", KILLED, name, file, *more],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings", "PYTHONPATH": os.getcwd()},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.once
@pytest.mark.usefixtures("transactional_db")
def test_killed_at_its_last_row_nothing_of_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "village.yaml").write_text(HAMLET)
    name = f"{connection.settings_dict['NAME']}_killed"
    with copied(name):
        connection.close()
        done = init(name, tmp_path / "village.yaml", "killed")
        assert done.returncode == -signal.SIGKILL, done.stderr
        for model in (Authority, Structure, DefinitionKey, Entry, Message):
            assert not model._default_manager.exists(), model
        connection.close()
        done = init(name, tmp_path / "village.yaml")
        assert done.returncode == 0, done.stderr
        assert (Authority.objects.count(), DefinitionKey.objects.count()) == (1, 9)
        connection.close()
