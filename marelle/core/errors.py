"""Errors that leave the machine: by mail, or to an address that speaks Sentry's language. Both say what the
log says, cleaned the same way."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, Final
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage

from marelle.core.logs import cleaned, error_cleaned
from marelle.core.request_id import request_id

AGAIN: Final = timedelta(hours=1)
"""After which an error of one kind is told by mail again."""

MOST: Final = 20
"""Mails in that time: where everything fails, twenty say so as well as a thousand."""

OF_STRANGERS: Final = "django.security"
"""What it logs is what somebody tried, and no fault of ours: who scans the network fills no mail box."""

FRAME: Final = (
    "filename",
    "function",
    "module",
    "lineno",
    "context_line",
    "pre_context",
    "post_context",
    "in_app",
)
"""What may leave of a line of a traceback: ours, and no value of it."""

EVENT: Final = ("event_id", "timestamp", "platform", "level", "logger", "release")

logger = logging.getLogger(__name__)


class ErrorMails(logging.Handler):
    """One mail for an error of each kind and hour, sent at once and beside the request: not by the outbox,
    which lies in a database that may be what is wrong."""

    def __init__(self, to: Sequence[str]) -> None:
        super().__init__(logging.ERROR)
        self.to, self._told, self._sending = tuple(to), dict[str, float](), threading.Thread()

    def emit(self, record: logging.LogRecord) -> None:
        kind = kind_of(record)
        if record.name.startswith(OF_STRANGERS) or not self._is_news(kind):
            return
        mail = EmailMessage(
            f"{urlsplit(settings.PUBLIC_URL).hostname}\u00a0: {kind}"[:200],
            f"{self.format(record)}\n\nUne autre erreur de cette sorte ne sera redite que dans une heure.\n",
            to=self.to,
        )
        self._sending = threading.Thread(target=_sent, args=(mail,), name="marelle-errors", daemon=True)
        self._sending.start()

    def _is_news(self, kind: str) -> bool:
        now = monotonic()
        with self.lock or threading.Lock():
            self._told = {one: at for one, at in self._told.items() if now - at < AGAIN.total_seconds()}
            if kind in self._told or len(self._told) >= MOST:
                return False
            self._told[kind] = now
            return True


def kind_of(record: logging.LogRecord) -> str:
    """The class of an error and where it was raised; of what is none, where it was logged."""
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return cleaned(f"{record.name}, {record.funcName}")
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{type(error).__name__}{f', {trace.tb_frame.f_code.co_qualname}' if trace else ''}"


def _sent(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception as error:  # noqa: BLE001 - what cannot be told is in the log
        logger.warning("An error could not be told by mail: %s", error_cleaned(str(error)))


def sentry_start(dsn: str) -> None:
    """Send what is logged as an error there. Of the library's integrations none but the log's: it sees no
    request, patches no view and costs a page nothing."""
    import sentry_sdk  # noqa: PLC0415 - 60 ms of each start, for who gives its address
    from sentry_sdk.integrations.logging import LoggingIntegration  # noqa: PLC0415

    sentry_sdk.init(
        dsn=dsn,
        integrations=[LoggingIntegration(level=None, event_level=logging.ERROR, sentry_logs_level=None)],
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_client_reports=False,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        before_send=left_of,  # type: ignore[arg-type]
    )


def left_of(event: Mapping[str, Any], hint: Mapping[str, Any]) -> dict[str, Any] | None:
    """What of an event may leave, made anew from what is named here; None for none of it."""
    if str(event.get("logger", "")).startswith(OF_STRANGERS):
        return None
    left: dict[str, Any] = {name: event[name] for name in EVENT if name in event}
    record = hint.get("log_record")
    if isinstance(record, logging.LogRecord):
        left["logentry"] = {"message": cleaned(record.getMessage())}
    if asked := request_id.get():
        left["tags"] = {"request": asked}
    if errors := (event.get("exception") or {}).get("values"):
        left["exception"] = {"values": [_error(one) for one in errors]}
    return left


def _error(told: Mapping[str, Any]) -> dict[str, Any]:
    frames = (told.get("stacktrace") or {}).get("frames") or ()
    return {
        "type": told.get("type"),
        "module": told.get("module"),
        "value": error_cleaned(str(told.get("value") or "")),
        "stacktrace": {"frames": [{name: one[name] for name in FRAME if name in one} for one in frames]},
    }
