"""Papers that count no more go after a while, with their files."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from marelle.core.actor import SYSTEM
from marelle.core.clock import local
from marelle.families.locks import homes_locked
from marelle.journal.services import Act, record_many
from marelle.papers.models import Paper
from marelle.papers.rules import PaperState
from marelle.papers.services.sending import files_drop, subject_of

AT_ONCE = 200


@transaction.atomic
def papers_purge(*, before: datetime, now: datetime) -> int:
    """Delete what was refused, had run out, or was replaced by a later one, before an instant; and what was
    sent before it and taken back.

    What waits for its check, or counts, stays whatever its age. The journal of each home says what went. At
    most `AT_ONCE`; returns how many.
    """
    # Read first: on SQLite a delete waits for the write lock even where there is nothing to delete.
    ids = list(_over(before).order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    if not ids:
        return 0
    homes_locked(Paper.objects.filter(pk__in=ids).values("family_id"))
    list(Paper.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    rows = list(_over(before).filter(pk__in=ids).select_related("paper_type", "family", "person"))
    acts = [Act("paper.purged", subject_of(row), row.family_id) for row in rows]
    files_drop(rows)
    Paper.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return record_many(actor=SYSTEM, acts=acts, now=now)


def _over(before: datetime) -> QuerySet[Paper]:
    """A replaced paper counts no more since the decision that replaced it; one that still waited for its own,
    since the home sent another. What an undo may still give back is not over."""
    mine = Paper.objects.annotate(owner=Coalesce("person_id", 0))
    same = mine.filter(
        paper_type=OuterRef("paper_type"), family=OuterRef("family"), owner=OuterRef("owner")
    ).exclude(pk=OuterRef("pk"))
    decided_later = same.filter(decided_at__gte=OuterRef("decided_at"), decided_at__lt=before)
    sent_later = same.filter(sent_at__gt=OuterRef("sent_at"), sent_at__lt=before)
    return mine.filter(files_until__isnull=True).filter(
        Q(state=PaperState.REFUSED, decided_at__lt=before)
        | Q(state=PaperState.ACCEPTED, expires_on__lt=local(before).date())
        | Q(state=PaperState.WITHDRAWN, sent_at__lt=before)
        | (Q(state=PaperState.REPLACED, decided_at__isnull=False) & Exists(decided_later))
        | (Q(state=PaperState.REPLACED, decided_at__isnull=True) & Exists(sent_later))
    )
