"""gunicorn itself, with our configuration, as a reverse proxy meets it."""

from __future__ import annotations

import http.client
import os
import re
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
def served(folder: Path, proxies: int, within: Path = ROOT, **more: str) -> Iterator[tuple[int, Path]]:
    """The port where gunicorn answers, and the file of what it says; started `within` a folder."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    said = folder / "said"
    own = {"DATA_DIR": str(folder), "TRUSTED_PROXIES": str(proxies), "PORT": str(port), "DEBUG": "1"}
    lean = {"WEB_WORKERS": "1", "EMBEDDED_WORKER": "0", "LOG_LEVEL": "ERROR"}
    with said.open("w") as out:
        server = subprocess.Popen(
            [sys.executable, "-m", "marelle", "serve"],
            cwd=within,
            env={"PATH": os.environ["PATH"], **PRODUCTION, **own, **lean, **more},
            stdout=out,
            stderr=out,
        )
        try:
            yield port, said
        finally:
            server.terminate()
            server.wait(LONGEST)


def asked(port: int) -> int:
    """The status of a page that needs no database."""
    return answer(port, "/porte/manifest.webmanifest")[0]


def answer(port: int, path: str) -> tuple[int, str]:
    """The status and the text of a page, as the proxy of an https portal asks for it."""
    headers = {
        "Host": "famille.example.fr",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.9",
    }
    for _second in range(LONGEST):
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=LONGEST)
        try:
            line.request("GET", path, headers=headers)
            said = line.getresponse()
            return said.status, said.read().decode()
        except OSError:
            time.sleep(1)
        finally:
            line.close()
    pytest.fail("gunicorn never answered")


def sent(port: int, request: bytes) -> bytes:
    """What is answered to bytes that are no request."""
    with socket.create_connection(("127.0.0.1", port), timeout=LONGEST) as line:
        line.sendall(request)
        return line.recv(1024)


@pytest.mark.parametrize(("proxies", "status", "told"), [(0, 301, True), (1, 200, False)])
def test_what_gunicorn_believes_follows_the_setting(
    tmp_path: Path, proxies: int, status: int, *, told: bool
) -> None:
    """With none told of, a proxy on this machine was believed all the same: every visitor had its address,
    and nothing said so."""
    secret = "k" * 43
    broken = f"GET /activation/{secret}/?nom=Hautbois\r\nX: Hautbois\r\n\r\n"
    with served(tmp_path, proxies) as (port, said):
        assert asked(port) == status, said.read_text()
        assert b" 400 " in sent(port, broken.encode())
    log = said.read_text()
    assert ("marelle.W004" in log) == told
    assert re.search(r"^\S+\+00:00 WARNING gunicorn.error: Invalid request from …: ", log, re.MULTILINE)
    assert not re.search(rf"{secret}|Hautbois|127\.0\.0\.1", log)
