"""gunicorn itself, with our configuration, as a reverse proxy meets it."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.test_settings import PRODUCTION, ROOT

LONGEST = 60


@contextmanager
def served(folder: Path, proxies: int) -> Iterator[tuple[int, Path]]:
    """The port where gunicorn answers, and the file of what it says."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = folder / "said"
    own = {"DATA_DIR": str(folder), "TRUSTED_PROXIES": str(proxies), "PORT": str(port), "DEBUG": "1"}
    lean = {"WEB_WORKERS": "1", "EMBEDDED_WORKER": "0", "LOG_LEVEL": "ERROR"}
    with said.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **PRODUCTION, **own, **lean},
            stdout=out,
            stderr=out,
        )
        try:
            yield port, said
        finally:
            server.terminate()
            server.wait(LONGEST)


def asked(port: int) -> int:
    """The status of a page that needs no database, as the proxy of an https portal asks for it."""
    headers = {
        "Host": "famille.example.fr",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    for _second in range(LONGEST):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
        try:
            line.request("GET", "/porte/manifest.webmanifest", headers=headers)
            return line.getresponse().status
        except OSError:
            time.sleep(1)
        finally:
            line.close()
    pytest.fail("gunicorn never answered")


@pytest.mark.parametrize(("proxies", "status", "told"), [(0, 301, True), (1, 200, False)])
def test_what_gunicorn_believes_follows_the_setting(
    tmp_path: Path, proxies: int, status: int, *, told: bool
) -> None:
    """With none told of, a proxy on this machine was believed all the same: every visitor had its address,
    and nothing said so."""
    with served(tmp_path, proxies) as (port, said):
        assert asked(port) == status, said.read_text()
    assert ("marelle.W004" in said.read_text()) == told
