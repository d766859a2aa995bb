"""The start itself, in a process of its own with an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PRODUCTION = {"SECRET_KEY": "a-long-random-one-of-tests" * 3, "PUBLIC_URL": "https://famille.example.fr"}


def start(tmp_path: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        ("SECRET_KEY", {"PUBLIC_URL": "https://a.fr"}),
        ("SECRET_KEY", {**PRODUCTION, "SECRET_KEY": "demo-only-" + "marelle" * 8}),
        ("SEALING_KEYS", {**PRODUCTION, "SEALING_KEYS": "bWFyZWxsZS1kZW1vLW9ubHktbWFyZWxsZS1kZW1vISE="}),
        ("SEALING_KEYS", {"MARELLE_DEMO": "1", "SEALING_KEYS": "a-short-one"}),
        ("PUBLIC_URL", {"SECRET_KEY": "k" * 60}),
        ("MARELLE_DEMO", {"MARELLE_DEMO": "oui"}),
        ("DATABASE_URL", {"MARELLE_DEMO": "1", "DATABASE_URL": "oracle://x"}),
        ("MAIL_URL", {"MARELLE_DEMO": "1", "MAIL_URL": "mail.example.fr"}),
        ("LOG_LEVEL", {"MARELLE_DEMO": "1", "LOG_LEVEL": "loud"}),
        ("TRUSTED_PROXIES", {"MARELLE_DEMO": "1", "TRUSTED_PROXIES": "all"}),
        ("DATA_DIR", {"MARELLE_DEMO": "1", "DATA_DIR": "/proc/nowhere"}),
        ("WAITING_ROOM_SHARED", {"MARELLE_DEMO": "1", "WAITING_ROOM_SHARED": "1"}),
    ],
)
def test_a_wrong_value_stops_the_start_with_one_line_that_names_it(tmp_path, name, environment):
    stopped = start(tmp_path, "import marelle.settings", **environment)
    assert stopped.returncode == 1
    assert stopped.stdout == ""
    assert stopped.stderr.startswith(f"Marelle cannot start: {name} ")
    assert stopped.stderr.count("\n") == 1


def test_the_command_line_stops_the_same_way(tmp_path):
    stopped = start(tmp_path, "from marelle.__main__ import main; main(['migrate'])", LOG_LEVEL="loud")
    assert stopped.returncode == 1
    assert stopped.stderr.count("\n") == 1


SHOW = "from marelle import settings as s; print({})"


def test_https_turns_the_locks_on(tmp_path):
    shown = "s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0, s.ALLOWED_HOSTS"
    started = start(tmp_path, SHOW.format(shown), **PRODUCTION)
    assert started.stdout.strip() == "True True True ['famille.example.fr']"
    started = start(tmp_path, SHOW.format("s.SESSION_COOKIE_SECURE"), MARELLE_DEMO="1")
    assert started.stdout.strip() == "False"


COOKIES = """
import django
from django.conf import settings
django.setup()
from django.contrib.messages.storage import default_storage
from marelle.accounts.known import KNOWN_COOKIE
from marelle.accounts.rules import REMEMBERED_COOKIE
from marelle.attendance.tablets import DUTY_COOKIE, TABLET_COOKIE
from marelle.ui.messages import SaidCookie
print(settings.MESSAGE_STORAGE)
print(settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, KNOWN_COOKIE, REMEMBERED_COOKIE)
print(SaidCookie.cookie_name, TABLET_COOKIE, DUTY_COOKIE)
"""


def test_in_https_no_other_host_writes_our_cookies(tmp_path):
    """Those of the tablets have a path of their own, which `__Host-` does not allow."""
    own = {"DJANGO_SETTINGS_MODULE": "marelle.settings"}
    assert start(tmp_path, COOKIES, **PRODUCTION, **own).stdout.split() == [
        "marelle.ui.messages.SaidStorage",
        "__Host-marelle",
        "__Host-csrftoken",
        "__Host-marelle-appareil",
        "__Host-marelle-confiance",
        "__Host-messages",
        "__Secure-marelle-porte",
        "__Secure-marelle-porte-service",
    ]
    plain = start(tmp_path, COOKIES, MARELLE_DEMO="1", **own).stdout.split()
    assert not [name for name in plain if name.startswith("__")]
    assert "marelle" in plain


def test_subdomains_are_held_to_https_where_who_installs_says_so(tmp_path):
    shown = SHOW.format("s.SECURE_HSTS_INCLUDE_SUBDOMAINS")
    assert start(tmp_path, shown, **PRODUCTION).stdout.strip() == "False"
    assert start(tmp_path, shown, HSTS_SUBDOMAINS="1", **PRODUCTION).stdout.strip() == "True"


def test_nothing_of_the_demo_is_there_outside_it(tmp_path):
    started = start(
        tmp_path,
        SHOW.format("'marelle.demo' in s.INSTALLED_APPS, s.DATABASES['default']['NAME']"),
        **PRODUCTION,
    )
    assert started.stdout.strip() == f"False {tmp_path}/marelle.sqlite3"


def test_the_demo_keeps_its_files_in_a_folder_of_its_own(tmp_path):
    shown = SHOW.format("s.STORAGES['private']['OPTIONS']['location']")
    assert start(tmp_path, shown, **PRODUCTION).stdout.strip() == f"{tmp_path}/files"
    assert start(tmp_path, shown, MARELLE_DEMO="1").stdout.strip() == f"{tmp_path}/demo-files"
    chosen = start(tmp_path, shown, FILES_DIR=f"{tmp_path}/disk", MARELLE_DEMO="1")
    assert chosen.stdout.strip() == f"{tmp_path}/disk"


@pytest.mark.once
def test_a_server_on_the_files_of_another_database_stops_with_one_line(tmp_path):
    """Migrated as far as the files need, then a folder that says another name."""
    migrate = "from marelle.__main__ import main; main(['migrate', 'files', '-v0'])"
    assert start(tmp_path, migrate, **PRODUCTION).returncode == 0
    (tmp_path / "files" / "identity").write_text("another")
    serve = "from marelle.__main__ import main; main(['serve'])"
    served = start(tmp_path, serve, PORT="0", **PRODUCTION)
    assert served.returncode == 1
    (said,) = [line for line in served.stderr.splitlines() if "cannot start" in line]
    assert f"the files in {tmp_path}/files are those of another database" in said
    assert "store --adopt" in said
    assert "Traceback" not in served.stderr


def test_a_proxy_is_believed_only_when_there_is_one(tmp_path):
    started = start(tmp_path, SHOW.format("s.SECURE_PROXY_SSL_HEADER"), **PRODUCTION)
    assert started.stdout.strip() == "None"
    started = start(tmp_path, SHOW.format("s.SECURE_PROXY_SSL_HEADER"), TRUSTED_PROXIES="1", **PRODUCTION)
    assert "HTTP_X_FORWARDED_PROTO" in started.stdout


CHECK = "from marelle.__main__ import main; main(['check'])"


def test_check_tells_what_production_lacks_and_of_https_without_a_proxy(tmp_path):
    bare = start(tmp_path, CHECK, TRUSTED_PROXIES="0", **PRODUCTION).stderr
    assert "marelle.W003" in bare
    assert "marelle.W004" in bare
    assert "marelle.E004" in bare
    assert "marelle.W001" not in bare
    assert "security." not in bare
    with_key = start(tmp_path, CHECK, TRUSTED_PROXIES="1", SEALING_KEYS="k" * 43 + "=", **PRODUCTION)
    assert "marelle.W004" not in with_key.stderr
    assert "marelle.E004" not in with_key.stderr


def test_check_tells_what_the_demo_is_not(tmp_path):
    checked = start(tmp_path, CHECK, MARELLE_DEMO="1").stderr
    assert "marelle.W001" in checked
    assert "marelle.W002" in checked
    assert "marelle.W004" not in checked
