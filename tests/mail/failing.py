"""Mail servers that misbehave, as Django backends."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


class Busy(BaseEmailBackend):
    """Answers "later" to each mail, after having noted its Message-ID."""

    seen: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.seen.extend(message.extra_headers["Message-ID"] for message in messages)
        raise smtplib.SMTPDataError(451, "later")


class NoSuchPerson(BaseEmailBackend):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (550, b"unknown")})


class Down(BaseEmailBackend):
    def open(self) -> bool:
        raise ConnectionRefusedError("nobody there")


class Lasting(BaseEmailBackend):
    """Takes `minutes` over each mail by the clock of the test; somebody else does `meanwhile`."""

    seen: list[str] = []
    minutes = 0.0
    clock: Any = None
    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.seen.extend(message.extra_headers["Message-ID"] for message in messages)
        self.clock.shift(timedelta(minutes=self.minutes))
        waiting, Lasting.meanwhile = Lasting.meanwhile, staticmethod(lambda: None)
        waiting()
        Lasting.meanwhile = waiting
        return len(messages)


class HangsUp(BaseEmailBackend):
    """Its line breaks at the first mail and stays broken."""

    seen: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.seen.extend(message.extra_headers["Message-ID"] for message in messages)
        raise smtplib.SMTPServerDisconnected("gone")


class Slow(BaseEmailBackend):
    """Takes a while, so that two workers meet."""

    seen: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.seen.extend(message.extra_headers["Message-ID"] for message in messages)
        return len(messages)
