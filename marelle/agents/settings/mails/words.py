"""Mails and the outbox in French."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Final

from django.apps import apps
from django.conf import settings
from django.urls import reverse

from marelle.flows.messages.wordings import fields_of
from marelle.mail.fields import values
from marelle.mail.letterhead import letterhead_of
from marelle.mail.models import MessageState
from marelle.mail.rendering import Rendered, on_screen
from marelle.mail.samples import Sample, samples
from marelle.mail.selectors import words_of
from marelle.mail.wording import EVERY, Words
from marelle.places.selectors import publisher

SIGNED: Final = "enrolments/accepted"
"""The mail under which a signature is shown."""


@dataclass(frozen=True, slots=True)
class MailLine:
    """One mail: when it is sent, its subject, to whom it goes, and whether the authority worded it."""

    url: str
    when: str
    subject: str
    to: str
    worded: bool = False


@dataclass(frozen=True, slots=True)
class MailGroup:
    title: str
    lines: tuple[MailLine, ...]


def groups(samples: Iterable[Sample], worded: Collection[str]) -> list[MailGroup]:
    """The mails by package, which is by subject. `samples` come in the order of their kinds."""
    return [
        MailGroup(
            str(apps.get_app_config(app).verbose_name).capitalize(),
            tuple(_line(sample, worded) for sample in found),
        )
        for app, found in groupby(samples, lambda sample: sample.kind.partition("/")[0])
    ]


def _line(sample: Sample, worded: Collection[str]) -> MailLine:
    url = reverse("agents_mails:mail", args=sample.kind.split("/"))
    own = sample.kind in worded
    return MailLine(url, str(sample.when), sample.rendered().subject, str(sample.to), own)


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field as it is written, what it means, and what it gives in the example."""

    written: str
    meaning: str
    example: str


def field_lines(sample: Sample | None, authority_id: int) -> list[FieldLine]:
    """The fields of one mail, or of the signature."""
    fields = fields_of(sample)
    examples = values(fields, sample.context if sample else {}, letterhead_of(authority_id))
    return [FieldLine(f"{{{field.name}}}", str(field.meaning), examples[field.name]) for field in fields]


def shown(sample: Sample | None, authority_id: int | None, words: Words | None = None) -> Rendered:
    """A mail as an authority would send it, for a page: with `words` instead of those kept, if given.

    Without a sample, `words` are those of the signature, under the mail `SIGNED`.
    """
    letterhead = letterhead_of(authority_id)
    whose = letterhead.authority_id or 0
    signature = words if sample is None and words is not None else words_of(whose, EVERY)
    sample = sample or samples()[SIGNED]
    own = words if words is not signature and words is not None else words_of(whose, sample.kind)
    found = sample.rendered(letterhead, own, signature.after)
    logo_url = reverse("theme:logo", args=[publisher().revision])
    # What is told is invented: a link to the portal would lead to a page that does not exist.
    ours = rf'href="(?:{re.escape(settings.PUBLIC_URL)}|tel:|mailto:)[^"]*"'
    return replace(found, html=re.sub(ours, 'href="#"', on_screen(found.html, logo_url)))


def outbox_pairs(counts: Mapping[str, int]) -> list[tuple[str, str]]:
    """How many mails and letters are in each state, in the order of their life."""
    return [(str(state.label).capitalize(), str(counts.get(state.value, 0))) for state in MessageState]
