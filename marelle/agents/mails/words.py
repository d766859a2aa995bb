"""Mails and the outbox in French."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from django.apps import apps
from django.urls import reverse

from marelle.mail.models import MessageState
from marelle.mail.samples import Sample


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail: when it is sent, its subject and to whom it goes."""

    url: str
    when: str
    subject: str
    to: str


@dataclass(frozen=True, slots=True)
class MailGroup:
    title: str
    lines: tuple[MailLine, ...]


def groups(samples: Iterable[Sample]) -> list[MailGroup]:
    """The mails by package, which is by subject. `samples` come in the order of their kinds."""
    return [
        MailGroup(str(apps.get_app_config(app).verbose_name).capitalize(), tuple(map(_line, found)))
        for app, found in groupby(samples, lambda sample: sample.kind.partition("/")[0])
    ]


def _line(sample: Sample) -> MailLine:
    url = reverse("agents_mails:mail", args=sample.kind.split("/"))
    return MailLine(url, str(sample.when), sample.rendered().subject, str(sample.to))


def outbox_pairs(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """How many mails and letters are in each state, in the order of their life."""
    return [(str(state.label).capitalize(), str(counts.get(state.value, 0))) for state in MessageState]
