"""A line between a browser and the live server that a test cuts and mends.

`set_offline` tells a page that the network is gone, but what a page asks through a service worker that has
just started may pass all the same. Here nothing passes.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext


class Cable(ThreadingTCPServer):
    """`url` leads to the live server as long as the cable is whole."""

    daemon_threads = True

    def __init__(self, to: str) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.to = ("127.0.0.1", urlsplit(to).port)
        self.url = f"http://localhost:{self.server_address[1]}"
        self.is_cut = False
        self.held: set[socket.socket] = set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def cut(self, context: BrowserContext) -> None:
        self.is_cut = True
        for one in tuple(self.held):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        context.set_offline(True)

    def mend(self, context: BrowserContext) -> None:
        self.is_cut = False
        context.set_offline(False)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes its connection is no error."""


class _Passing(BaseRequestHandler):
    """Bytes both ways, until one side ends or the cable is cut."""

    server: Cable

    def handle(self) -> None:
        if self.server.is_cut:
            return
        with socket.create_connection(self.server.to) as far:
            ends = {self.request, far}
            self.server.held |= ends
            back = threading.Thread(target=_pour, args=(far, self.request), daemon=True)
            back.start()
            _pour(self.request, far)
            back.join()
            self.server.held -= ends


def _pour(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
    with suppress(OSError):
        other.shutdown(socket.SHUT_WR)


@pytest.fixture
def lay_cable(live_server: object) -> Iterator[Callable[[], Cable]]:
    """`lay_cable()`: one more line to the live server."""
    cables: list[Cable] = []

    def laid() -> Cable:
        cables.append(Cable(str(live_server)))
        return cables[-1]

    yield laid
    for cable in cables:
        cable.shutdown()
        cable.server_close()
