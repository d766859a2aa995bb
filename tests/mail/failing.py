"""Mail servers that misbehave, as Django backends."""

from __future__ import annotations

import smtplib
from collections.abc import Sequence

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


class Slow(BaseEmailBackend):
    """Takes a while, so that two workers meet."""

    seen: list[str] = []

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        self.seen.extend(message.extra_headers["Message-ID"] for message in messages)
        return len(messages)
