"""What clamd is asked, and what becomes of each answer: only `stream: OK` to the letter is clean."""

from __future__ import annotations

import socket
import threading
from time import monotonic

import pytest

from marelle.core.environment import Environment, Scanner, WrongSetting
from marelle.files.clamd import NotScanned, ScannerAway, TooLong, answers, scan
from tests.clamd import WORD
from tests.scanner import content_sent, saying, standing


def test_a_real_clamd_finds_nothing_in_what_is_clean(clamd: Scanner) -> None:
    assert scan(clamd, b"an honest letter", seconds=5) == ""
    assert scan(clamd, b"", seconds=5) == ""
    assert scan(clamd, bytes(900_000), seconds=5) == ""


def test_a_real_clamd_names_what_it_finds(clamd: Scanner) -> None:
    assert scan(clamd, b"before" + WORD + b"after", seconds=5) == "Marelle.Test.UNOFFICIAL"


def test_a_real_clamd_that_takes_no_more_has_no_verdict(clamd: Scanner) -> None:
    with pytest.raises(NotScanned):
        scan(clamd, bytes(8_000_000), seconds=5)
    assert scan(clamd, b"the next one", seconds=5) == ""


def test_a_content_arrives_as_it_is() -> None:
    content = bytes(range(256)) * 1000
    got: list[bytes] = []

    def behave(line: socket.socket) -> None:
        got.append(content_sent(line))
        line.sendall(b"stream: OK\0")

    with standing(behave) as fake:
        assert scan(fake.scanner, content, seconds=5) == ""
    assert got == [content]


def test_it_is_asked_over_the_network_too() -> None:
    with standing(saying(b"stream: A.B-1 FOUND\0"), family=socket.AF_INET) as fake:
        assert scan(fake.scanner, b"x", seconds=5) == "A.B-1"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"\0",
        b"OK\0",
        b"stream: OK",
        b"stream: ok\0",
        b"stream: OK \0",
        b" stream: OK\0",
        b"stream: OK\n\0",
        b"stream: OK\0more\0",
        b"stream: OK\0stream: Eicar FOUND\0",
        b"stream: FOUND\0",
        b"stream:  FOUND\0",
        b"stream: \xe9 FOUND\0",
        b"stream: a\nOK FOUND\0",
        b"stream: Heuristics.Limits.Exceeded.MaxFileSize FOUND\0",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"UNKNOWN COMMAND\0",
        b"HTTP/1.1 200 OK\r\n\r\n\0",
        b"x" * 2_000_000,
        bytes(range(1, 200)) + b"\0",
    ],
)
def test_any_other_answer_is_no_verdict(answer: bytes) -> None:
    with standing(saying(answer)) as fake, pytest.raises(NotScanned):
        scan(fake.scanner, b"x", seconds=5)


def test_one_that_cuts_at_once_is_no_verdict() -> None:
    with standing(lambda _line: None) as fake, pytest.raises(NotScanned):
        scan(fake.scanner, bytes(5_000_000), seconds=5)


def test_one_that_finds_nothing_before_it_has_read_all_is_not_believed() -> None:
    def behave(line: socket.socket) -> None:
        line.recv(10)
        line.sendall(b"stream: OK\0")

    with standing(behave) as fake, pytest.raises(NotScanned):
        scan(fake.scanner, bytes(5_000_000), seconds=5)


@pytest.mark.parametrize("reads", [True, False])
def test_one_that_hangs_is_left_in_time(reads: bool) -> None:
    over = threading.Event()

    def behave(line: socket.socket) -> None:
        if reads:
            content_sent(line)
        over.wait(20)

    with standing(behave) as fake:
        begun = monotonic()
        with pytest.raises(TooLong):
            scan(fake.scanner, bytes(5_000_000), seconds=0.4)
        assert monotonic() - begun < 3
        over.set()


def test_one_that_drips_is_left_in_time() -> None:
    over = threading.Event()

    def behave(line: socket.socket) -> None:
        content_sent(line)
        for sign in b"stream: OK":
            line.sendall(bytes([sign]))
            if over.wait(0.15):
                return

    with standing(behave) as fake:
        begun = monotonic()
        with pytest.raises(TooLong):
            scan(fake.scanner, b"x", seconds=0.5)
        assert monotonic() - begun < 3
        over.set()


def test_nobody_there_is_said_at_once() -> None:
    with standing(saying(b"")) as fake:
        gone = fake.scanner
    for scanner in (gone, Scanner(path="/nowhere/clamd"), Scanner(path="/" + "x" * 300)):
        with pytest.raises(ScannerAway):
            scan(scanner, b"x", seconds=5)
    with standing(saying(b""), family=socket.AF_INET) as fake:
        gone = fake.scanner
    with pytest.raises(ScannerAway):
        scan(gone, b"x", seconds=5)


def test_it_is_asked_whether_it_is_there(clamd: Scanner) -> None:
    assert answers(clamd, seconds=5)
    with standing(lambda line: line.sendall(b"WHO\0")) as fake:
        assert not answers(fake.scanner, seconds=5)
    assert not answers(fake.scanner, seconds=5)


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("", None),
        ("unix:/run/clamav/clamd.ctl", Scanner(path="/run/clamav/clamd.ctl")),
        ("unix:///run/clamav/clamd.ctl", Scanner(path="/run/clamav/clamd.ctl")),
        ("tcp://127.0.0.1:3310", Scanner(host="127.0.0.1", port=3310)),
        ("tcp://[::1]:3310", Scanner(host="::1", port=3310)),
    ],
)
def test_an_address_is_read(value: str, read: Scanner | None) -> None:
    assert Environment({"CLAMD": value}).scanner("CLAMD") == read


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "/run/clamav/clamd.ctl",
        "unix:",
        "unix:/",
        "unix:clamd.ctl",
        "unix://host/clamd.ctl",
        "unix:/a?b=c",
        "tcp://127.0.0.1",
        "tcp://:3310",
        "tcp://127.0.0.1:0",
        "tcp://127.0.0.1:99999",
        "tcp://127.0.0.1:x",
        "tcp://127.0.0.1:3310/x",
        "tcp://me@127.0.0.1:3310",
        "http://127.0.0.1:3310",
        "tcp://[::1",
    ],
)
def test_an_address_that_is_none_stops_the_start(value: str) -> None:
    with pytest.raises(WrongSetting, match="CLAMD"):
        Environment({"CLAMD": value}).scanner("CLAMD")
