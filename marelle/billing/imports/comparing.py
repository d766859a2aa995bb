"""The file of a parallel month, read again whenever it is looked at: nothing of it is ever written."""

from __future__ import annotations

from datetime import datetime

from marelle.billing.imports.kept import kept, said
from marelle.billing.imports.parallel import ParallelRead
from marelle.billing.imports.parallel_month import Parallel, parallel_month
from marelle.billing.models import ImportRun
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.refusals import NotYours
from marelle.places.scope import in_office


def parallel_compared(*, actor: Actor, run_id: int, now: datetime) -> tuple[ImportRun, Parallel]:
    """What differs now. Raises NotYours, FileUnreadable ("forgotten" once it is gone), CannotOpen."""
    rows = ImportRun.objects.filter(in_office(actor, "authority__"), kind=ImportRun.Kind.PARALLEL)
    run = rows.select_related("authority").filter(pk=run_id).first()
    if run is None or run.month is None:
        raise NotYours
    with kept(run) as stream:
        read = said(run, stream, local(now).date())
    if not isinstance(read, ParallelRead):
        raise NotYours
    return run, parallel_month(
        authority_id=run.authority_id, month=run.month, lines=read.lines, problems=read.problems
    )
