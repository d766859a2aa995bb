from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def _read_once() -> None:
    """Instead of the one of all tests: these are about the programs that read."""
