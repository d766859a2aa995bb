"""A demo made by another version of Marelle: its tables are not those of this one, and nobody needs it."""

from __future__ import annotations

import shutil
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader

BEFORE = ".before"


class OfAnotherVersion(Exception):
    """The database holds migrations that this version does not have, and is not a file of the demo's own."""


def put_aside() -> bool:
    """Rename the demo's SQLite file and its folder of files, where another version made them.

    What was aside before goes. Returns whether there was one; raises OfAnotherVersion for any other database,
    which is left alone.
    """
    loader = MigrationLoader(connection)
    ours = {app.label for app in apps.get_app_configs() if app.name.startswith("marelle.")}
    if all(key in loader.disk_migrations for key in loader.applied_migrations if key[0] in ours):
        return False
    database = Path(str(connection.settings_dict["NAME"]))
    if connection.vendor != "sqlite" or database != settings.DATA_DIR / "demo.sqlite3":
        raise OfAnotherVersion
    connection.close()
    for path in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
        if path.exists():
            path.replace(path.with_name(path.name + BEFORE))
    files = settings.DATA_DIR / "demo-files"
    if files == settings.FILES_DIR and files.exists():
        aside = files.with_name(files.name + BEFORE)
        shutil.rmtree(aside, ignore_errors=True)
        files.rename(aside)
    return True
