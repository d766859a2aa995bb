"""What stands where clamd should: a real socket, and whatever it is told to do with who connects."""

from __future__ import annotations

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from marelle.core.environment import Scanner

Behaviour = Callable[[socket.socket], None]


def content_sent(line: socket.socket) -> bytes:
    """What a client sent by one INSTREAM."""
    assert _exactly(line, 10) == b"zINSTREAM\0"
    content = b""
    while size := int.from_bytes(_exactly(line, 4)):
        content += _exactly(line, size)
    return content


def saying(answer: bytes) -> Behaviour:
    """Takes all, then says this."""

    def behave(line: socket.socket) -> None:
        content_sent(line)
        line.sendall(answer)

    return behave


class Fake:
    """`seen` counts who connected."""

    def __init__(self, scanner: Scanner) -> None:
        self.scanner = scanner
        self.seen = 0


@contextmanager
def standing(behave: Behaviour, *, family: socket.AddressFamily = socket.AF_UNIX) -> Iterator[Fake]:
    with tempfile.TemporaryDirectory(prefix="fake-") as folder, socket.socket(family) as door:
        if family == socket.AF_UNIX:
            fake = Fake(Scanner(path=str(Path(folder) / "clamd")))
            door.bind(fake.scanner.path)
        else:
            door.bind(("127.0.0.1", 0))
            fake = Fake(Scanner(host="127.0.0.1", port=door.getsockname()[1]))
        door.listen()
        threads = []

        def one(line: socket.socket) -> None:
            with line:
                try:
                    behave(line)
                except (OSError, AssertionError):
                    return  # whoever spoke has gone

        def serve() -> None:
            while True:
                try:
                    line, _address = door.accept()
                except OSError:
                    return
                fake.seen += 1
                threads.append(threading.Thread(target=one, args=(line,)))
                threads[-1].start()

        server = threading.Thread(target=serve)
        server.start()
        try:
            yield fake
        finally:
            door.shutdown(socket.SHUT_RDWR)
            server.join()
            for thread in threads:
                thread.join()


def _exactly(line: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size:
        piece = line.recv(size - len(got))
        assert piece, "cut"
        got += piece
    return got
