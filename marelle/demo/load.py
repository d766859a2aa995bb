"""Eight people at once on a real server: gunicorn with two workers, and clients on the same machine."""

from __future__ import annotations

import gzip
import os
import re
import socket
import subprocess  # nosec B404
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

CLIENTS = 8
WORKERS = 2
SECONDS = 8.0
LINKED = re.compile(r'(?:href|src)="(/static/[^"]+)"')
LINKED_BY_STYLE = re.compile(rb'url\(["\']?([^"\')]+)')


class ServerError(Exception):
    """The server did not start, or did not answer a page."""


@dataclass(frozen=True, slots=True)
class Load:
    """Pages a second, a new connection for each page or one kept by each client; bytes of a cold visit."""

    per_second: float
    per_second_kept: float
    other_bytes: int
    other_files: int


def load(pages: list[tuple[str, str]], port: int) -> Load:
    """Load of `pages`, pairs of a path and a cookie, on a server of its own at `port`."""
    with server(port):
        path, cookie = pages[0]
        body = _get(HTTPConnection("127.0.0.1", port, timeout=30), path, cookie)
        for warm_path, warm_cookie in pages * 2:
            _get(HTTPConnection("127.0.0.1", port, timeout=30), warm_path, warm_cookie)
        files, size = _cold(body.decode(), port)
        return Load(
            per_second=_rate(pages, port, kept=False),
            per_second_kept=_rate(pages, port, kept=True),
            other_bytes=size,
            other_files=files,
        )


@contextmanager
def server(port: int) -> Iterator[None]:
    environment = {
        **os.environ,
        "PORT": str(port),
        "WEB_WORKERS": str(WORKERS),
        "EMBEDDED_WORKER": "0",
        "LOG_LEVEL": "ERROR",
    }
    process = subprocess.Popen([sys.executable, "-m", "marelle", "serve"], env=environment)  # nosec B603
    try:
        wait_for(port, process)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until the server answers; raises ServerError."""
    for _try in range(200):
        if process.poll() is not None:
            break
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise ServerError(f"The server did not start on port {port}.")


def _get(connection: HTTPConnection, path: str, cookie: str, encoding: str = "identity") -> bytes:
    connection.request("GET", path, headers={"Cookie": cookie, "Accept-Encoding": encoding})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200:
        raise ServerError(f"{path} answers {response.status}")
    return body


def _rate(pages: list[tuple[str, str]], port: int, *, kept: bool) -> float:
    end = time.perf_counter() + SECONDS

    def client(number: int) -> int:
        done, connection = 0, HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() < end:
            path, cookie = pages[(number + done) % len(pages)]
            _get(connection, path, cookie)
            done += 1
            if not kept:
                connection.close()
        connection.close()
        return done

    with ThreadPoolExecutor(CLIENTS) as pool:
        return sum(pool.map(client, range(CLIENTS))) / SECONDS


def _cold(page: str, port: int) -> tuple[int, int]:
    """Number and bytes, as served, of the files that a first visit of `page` loads."""
    todo = list(dict.fromkeys(LINKED.findall(page)))
    sizes: dict[str, int] = {}
    while todo:
        path = todo.pop()
        if path in sizes:
            continue
        body = _get(HTTPConnection("127.0.0.1", port, timeout=30), path, "", "gzip")
        sizes[path] = len(body)
        if path.endswith(".css"):
            style = gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body
            folder = path.rsplit("/", 1)[0]
            names = {found.decode() for found in LINKED_BY_STYLE.findall(style)}
            todo.extend(f"{folder}/{name}" for name in names if not name.startswith(("data:", "#", "/")))
    return len(sizes), sum(sizes.values())
