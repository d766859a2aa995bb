"""Somebody who asks the portal all the time, over TLS, by new connections and by one that stays."""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
import time
from pathlib import Path
from typing import Self


class _Here(http.client.HTTPSConnection):
    """The portal by its name, which this machine's resolver does not know."""

    def connect(self) -> None:
        plain = socket.create_connection(("127.0.0.1", 443), timeout=self.timeout)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined]


class Requests:
    """Begun where the block begins, ended a moment after it; `tell` raises where one was lost."""

    def __init__(self, root: Path, portal: str) -> None:
        self.portal = portal
        self.trusted = ssl.create_default_context(cafile=str(root / "root/ca.pem"))
        self.ended = threading.Event()
        self.answered = 0
        self.lost: list[str] = []
        self.longest = 0.0
        self.asking = [threading.Thread(target=self._ask, args=(stays,)) for stays in (False, False, True)]

    def __enter__(self) -> Self:
        for one in self.asking:
            one.start()
        time.sleep(1)
        return self

    def __exit__(self, *_why: object) -> None:
        time.sleep(3)
        self.ended.set()
        for one in self.asking:
            one.join()

    def _ask(self, stays: bool) -> None:
        connection = None
        while not self.ended.is_set():
            began = time.monotonic()
            try:
                asked_before = connection is not None and stays
                if not asked_before:
                    connection = _Here(self.portal, timeout=60, context=self.trusted)
                try:
                    status = self._answer(connection)
                except http.client.RemoteDisconnected:
                    # One that was kept is closed by a reload of nginx as it likes: a browser asks again, on
                    # another.
                    if not asked_before:
                        raise
                    connection.close()
                    status = self._answer(connection)
                status.read()
                if status.status == 200:
                    self.answered += 1
                else:
                    self.lost.append(str(status.status))
            except (OSError, http.client.HTTPException) as error:
                self.lost.append(repr(error))
                connection = None
            self.longest = max(self.longest, time.monotonic() - began)
            time.sleep(0.02)

    def _answer(self, connection: http.client.HTTPConnection) -> http.client.HTTPResponse:
        connection.request("GET", "/", headers={"Host": self.portal})
        return connection.getresponse()

    def tell(self) -> None:
        print(f"{self.answered} answered, the longest after {self.longest:.1f} s, {len(self.lost)} lost")
        if self.lost or not self.answered:
            raise SystemExit(f"Lost: {sorted(set(self.lost))}")
