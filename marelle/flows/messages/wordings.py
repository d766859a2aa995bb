"""An authority says its mails in its own words: who may, and what is kept."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.kept import kept_changed
from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.core.subject import Subject
from marelle.journal.services import record
from marelle.mail.fields import AUTHORITY, Field, names
from marelle.mail.models import Wording
from marelle.mail.rendering import subject_decides
from marelle.mail.samples import Sample, samples
from marelle.mail.selectors import words_of
from marelle.mail.wording import EVERY, Words, words_checked
from marelle.places.models import Authority
from marelle.places.scope import is_office_of


def parts_of(sample: Sample | None) -> tuple[str, ...]:
    """Which of the words an authority may write: of a mail, or of all of them for None (the signature)."""
    if sample is None:
        return ("after",)
    return ("before", "after") if subject_decides(sample.kind) else ("subject", "before", "after")


def fields_of(sample: Sample | None) -> tuple[Field, ...]:
    """The fields that these words may hold."""
    return sample.fields if sample else (AUTHORITY,)


def words_kept(sample: Sample | None, words: Words) -> Words:
    """The words as they would be kept: checked, without what may not be said, nor what the portal says.

    Raises what `mail.wording.part_checked` raises.
    """
    found = asdict(words_checked(words, names(fields_of(sample))))
    allowed = {part: text for part, text in found.items() if part in parts_of(sample)}
    if sample and allowed.get("subject") == sample.with_fields_shown().subject:
        del allowed["subject"]
    return Words(**allowed)


@transaction.atomic
def wording_save(
    *, actor: Actor, authority_id: int, kind: str, words: Words, seen: Words, now: datetime
) -> bool:
    """Keep the words of an authority for one kind of mail (`EVERY`: its signature); none: the portal's again.

    Mails written before keep theirs. False when nothing changed. Raises `NotYours`, `ChangedMeanwhile` when
    they no longer are what was `seen`, and what `words_kept` raises. The authority is locked: two who save
    together wait for each other.
    """
    authority = Authority.objects.select_for_update(no_key=True).filter(pk=authority_id).first()
    sample = samples().get(kind)
    worded = kind == EVERY or (sample is not None and sample.fields)
    if authority is None or not is_office_of(actor, authority_id) or not worded:
        raise NotYours
    held, wanted = words_of(authority_id, kind), words_kept(sample, words)
    if held == wanted:
        return False
    if held != seen:
        raise ChangedMeanwhile
    if wanted:
        Wording.objects.update_or_create(authority_id=authority_id, kind=kind, defaults=asdict(wanted))
    else:
        Wording.objects.filter(authority_id=authority_id, kind=kind).delete()
    told = str(sample.when) if sample else ""
    record(
        actor=actor,
        verb="authority.mail_worded" if sample else "authority.mails_signed",
        subject=Subject("authority", authority_id, f"{told} ({authority.name})" if told else authority.name),
        data={"kind": kind, "before": asdict(held), "after": asdict(wanted)},
        now=now,
    )
    kept_changed()
    return True
