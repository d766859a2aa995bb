# mypy: ignore-errors
"""Marelle's own settings, with an environment of the tests' own and what makes tests fast and strict."""

from __future__ import annotations

import atexit
import os
import tempfile
from pathlib import Path

from marelle.core.database import OF_POSTGRESQL

_folder = tempfile.TemporaryDirectory(prefix="marelle-tests-")
atexit.register(_folder.cleanup)
for _name in (
    "SECRET_KEY",
    "MAIL_URL",
    "PUBLIC_URL",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "SEALING_KEYS",
    *(f"{_one}_ISSUER" for _one in ("FRANCECONNECT", "PROCONNECT", "OIDC")),
    *(f"{_one}_CLIENT_ID" for _one in ("FRANCECONNECT", "PROCONNECT", "OIDC")),
    *(f"{_one}_CLIENT_SECRET" for _one in ("FRANCECONNECT", "PROCONNECT", "OIDC")),
    "BREACHED_PASSWORDS",
    "SECURITY_CONTACT",
    "SECURITY_POLICY",
    "CLAMD",
    "MONITORING_TOKEN",
    "LOG_FORMAT",
    "ERRORS_TO",
    "ERRORS_SENTRY",
    *(f"DATABASE_{_one}" for _one in OF_POSTGRESQL),
    "BACKUP_TO",
    "STORAGE_URL",
    "BACKUP_RECIPIENT",
    *(f"API_PARTICULIER_{_one}" for _one in ("URL", "TOKEN", "SIRET")),
):
    os.environ.pop(_name, None)
os.environ["MARELLE_DEMO"] = "1"
os.environ["DATA_DIR"] = _folder.name
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{_folder.name}/unused.sqlite3"
os.environ["LOG_LEVEL"] = "WARNING"
os.environ["EMBEDDED_WORKER"] = "0"

from marelle.settings import *  # noqa: E402, F403
from marelle.settings import DATABASES, STORAGES, TEMPLATES  # noqa: E402

# A file even for SQLite: the races are between real connections, which a database in memory has not.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["TEST"] = {"NAME": str(Path(_folder.name) / "test.sqlite3")}
    # What asks for no order gets the other one than in use: PostgreSQL gives it any.
    DATABASES["default"]["OPTIONS"]["init_command"] = (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA reverse_unordered_selects=ON;"
    )

# Hashing is not what most tests are about; those that are put the real ones back.
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    "marelle.accounts.hashing.Argon2",
]
ROBOT_ROUNDS = 1
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT = None
TEMPLATES[0]["OPTIONS"]["debug"] = True
