"""`make demo` after a pull: what another version made is put aside, and nothing else is ever touched."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from shutil import copyfile
from sqlite3 import connect

import pytest

from tests.database import made

ROOT = Path(__file__).resolve().parents[2]


def demo(folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return program(folder, "-m", "marelle", "demo", "--families", "8", **more)


def program(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "MARELLE_DEMO": "1",
        "DATA_DIR": str(folder),
        **more,
    }
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )


def of_another_version(path: Path) -> None:
    with closing(connect(path)) as plain, plain:
        plain.execute("create table django_migrations (id integer primary key, app, name, applied datetime)")
        row = ("families", "0001_as_it_was", "2026-01-01 00:00:00")
        plain.execute("insert into django_migrations (app, name, applied) values (?, ?, ?)", row)


ASIDE = """
import marelle.settings, os, django
os.environ["DJANGO_SETTINGS_MODULE"] = "marelle.settings"
django.setup()
from marelle.demo.older import put_aside
print(put_aside(), put_aside())
"""


def test_what_another_version_made_is_put_aside_once(tmp_path: Path) -> None:
    of_another_version(tmp_path / "demo.sqlite3")
    done = program(tmp_path, "-c", ASIDE)
    assert done.stdout == "True False\n", done.stderr
    assert (tmp_path / "demo.sqlite3.before").exists()


@pytest.mark.prove
def test_the_demo_of_another_version_is_put_aside_with_its_files(tmp_path: Path) -> None:
    of_another_version(tmp_path / "demo.sqlite3")
    (tmp_path / "demo-files").mkdir()
    (tmp_path / "demo-files" / "identity").write_text("of the other")
    done = demo(tmp_path)
    assert done.returncode == 0, done.stderr
    assert "put aside" in done.stdout
    assert (tmp_path / "demo.sqlite3.before").exists()
    assert (tmp_path / "demo-files.before" / "identity").read_text() == "of the other"
    again = demo(tmp_path)
    assert again.returncode == 0, again.stderr
    assert "left as it is" in again.stdout


def test_a_database_that_was_given_is_left_alone(tmp_path: Path) -> None:
    given = tmp_path / "given.sqlite3"
    of_another_version(given)
    done = demo(tmp_path, DATABASE_URL=f"sqlite:///{given}")
    assert done.returncode == 1
    assert "DATABASE_URL of its own" in done.stderr
    with closing(connect(given)) as plain:
        assert plain.execute("select name from sqlite_master where type = 'table'").fetchall() == [
            ("django_migrations",)
        ]


AWAY = {"CLAMD": "unix:/nowhere/clamd"}


@pytest.mark.once
def test_a_clamd_that_does_not_answer_is_said_before_a_world_is_taken_away(
    django_db_setup: None, tmp_path: Path
) -> None:
    copyfile(made(), tmp_path / "demo.sqlite3")
    said = demo(tmp_path, **AWAY)
    assert said.returncode == 1
    assert said.stderr.startswith("CommandError: No clamd answers at CLAMD (unix:/nowhere/clamd)"), (
        said.stderr
    )


@pytest.mark.prove
def test_a_world_of_this_week_is_served_without_clamd(tmp_path: Path) -> None:
    """Its files are there."""
    assert demo(tmp_path).returncode == 0
    assert "left as it is" in demo(tmp_path, **AWAY).stdout
