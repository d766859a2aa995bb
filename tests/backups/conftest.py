"""A portal that is kept, and where."""

from __future__ import annotations

from pathlib import Path

import pytest

from marelle.backups.places import Folder
from tests.backups.machines import Portal
from tests.scenario import Scenario


@pytest.fixture
def portal(files_folder: Path, transactional_db: None) -> Portal:
    return Portal(files_folder, Scenario())


@pytest.fixture
def place(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "backups")
