"""Whether what is kept holds together: counters and bookings, bills and payments, rows and files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.core.files.storage import storages
from django.db import connection
from django.db.models import Count, Exists, OuterRef

from marelle.activities.models import Gauge
from marelle.backups.archive import CHUNK
from marelle.billing.models import BillingRun, Invoice, InvoiceCounter
from marelle.billing.payments import bills_unlike_their_lines, bills_unlike_their_payments, payments_recount
from marelle.billing.runs.services import number_of
from marelle.bookings.recounting import day_recount, days_counted
from marelle.cases.models import Case
from marelle.core.clock import local
from marelle.core.resealing import sealed_columns, tokens
from marelle.core.sealed import CannotOpen, Sealed, is_readable
from marelle.families.models import Family
from marelle.files.models import StoredFile
from marelle.files.rules import Scan
from marelle.files.services import STORAGE, open_unseen
from marelle.files.sweeping import trash_put_back
from marelle.flows.catalogue.recounting import places_recount
from marelle.journal.labels import WHY
from marelle.journal.walking import chain_cut, chain_walked
from marelle.mail.models import Message, MessageState
from marelle.mail.selectors import overdue

BATCH: Final = 500


@dataclass(frozen=True, slots=True)
class Fault:
    """`check` is one of `CHECKS`; `text` says what is wrong, as a mail may: without a name, a health or an
    amount."""

    check: str
    text: str


def faults(*, now: datetime) -> Iterator[Fault]:
    """All that does not hold, check by check; nothing is written. It may be asked while the portal runs."""
    for check, look in CHECKS.items():
        for text in look(now):
            yield Fault(check, text)


def repair(*, now: datetime) -> Iterator[str]:
    """What can be put right without a doubt, each in a sentence: counters from their rows, by the journal;
    files that are in the trash though a row names them."""
    wrong = places_recount(now=now)
    if wrong:
        yield f"{len(wrong)} compteur(s) de places recompté(s)."
    for bill in payments_recount(now=now):
        yield f"Facture {bill.number}\u00a0: ce qui est payé est recompté d’après ses paiements."
    back = trash_put_back()
    if back:
        yield f"{back} fichier(s) repris de la corbeille."


def _database(_now: datetime) -> Iterator[str]:
    """Of SQLite, which checks neither when it opens; PostgreSQL holds its own constraints."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("pragma integrity_check(5)")
        yield from (str(line) for (line,) in cursor.fetchall() if line != "ok")
        cursor.execute("pragma foreign_key_check")
        for table, row, parent, _key in cursor.fetchmany(20):
            yield f"{table}, ligne {row}\u00a0: pointe vers une ligne de {parent} qui n’existe pas"


def _places(now: datetime) -> Iterator[str]:
    today = local(now).date()
    names = dict(Gauge.objects.values_list("pk", "name"))
    for day in days_counted():
        for one in day_recount(day, today=today, writes=False):
            held = f"{one.before} places prises, {one.after} réservées"
            yield f"{names[one.gauge_id]}, {day:%d/%m/%Y}\u00a0: {held}"


def _payments(_now: datetime) -> Iterator[str]:
    for bill in bills_unlike_their_payments():
        yield f"facture {bill.number}\u00a0: ce qui est payé n’est pas la somme de ses paiements"


def _bills(_now: datetime) -> Iterator[str]:
    """What was made here: the total of its lines, and numbers without a gap."""
    for bill in bills_unlike_their_lines():
        yield f"facture {bill.number}\u00a0: son total n’est pas la somme de ses lignes"
    for counter in InvoiceCounter.objects.select_related("authority").order_by("pk"):
        runs = BillingRun.objects.filter(authority=counter.authority, exercise=counter.exercise)
        numbers = set(Invoice.objects.filter(run__in=runs).values_list("number", flat=True))
        wanted = {number_of(counter.exercise, rank) for rank in range(1, counter.last + 1)}
        for number in sorted(wanted ^ numbers):
            yield f"{counter.authority}, exercice {counter.exercise}\u00a0: numéro {number} absent ou de trop"


def _files(_now: datetime) -> Iterator[str]:
    """Each content is read whole: it is there, and it is the one that was kept."""
    rows = StoredFile.objects.exclude(scan=Scan.INFECTED.value).defer("name").order_by("pk")
    for stored in rows.iterator(BATCH):
        try:
            with closing(open_unseen(stored)) as content:
                digest, size = hashlib.sha256(), 0
                while piece := content.read(CHUNK):
                    digest.update(piece)
                    size += len(piece)
        except CannotOpen:
            yield f"fichier {stored.pk} ({stored.path})\u00a0: aucune clé ne l’ouvre"
        except FileNotFoundError:
            there = storages[STORAGE].exists(stored.path)
            yield f"fichier {stored.pk} ({stored.path})\u00a0: {'abîmé' if there else 'absent'}"
        except OSError as error:
            yield f"fichier {stored.pk} ({stored.path})\u00a0: illisible ({error.strerror})"
        else:
            if (size, digest.hexdigest()) != (stored.size, stored.sha256):
                yield f"fichier {stored.pk} ({stored.path})\u00a0: ce n’est pas celui qui a été gardé"


def _sealed(_now: datetime) -> Iterator[str]:
    for model, names in sealed_columns():
        for name in names:
            pairs = tokens(model._base_manager.order_by("pk"), name)
            lost = sum(not is_readable(Sealed(token)) for _pk, token in pairs.iterator(BATCH))
            if lost:
                yield f"{model._meta.db_table}.{name}\u00a0: {lost} valeur(s) qu’aucune clé n’ouvre"


def _journal(_now: datetime) -> Iterator[str]:
    cut = chain_cut()
    flaws = [flaw for step in chain_walked() for flaw in step.flaws]
    for flaw in [*flaws, *([cut] if cut else [])]:
        yield f"maillon {flaw.link}, lot {flaw.batch}\u00a0: {WHY[flaw.why]}"


def _mails(now: datetime) -> Iterator[str]:
    late = overdue(now=now).count()
    if late:
        yield f"{late} courriel(s) attendent depuis plus de deux jours"
    twice = Message.objects.filter(state=MessageState.SENT, sent_at=None).count()
    if twice:
        yield f"{twice} courriel(s) partis sans date"


def _cases(_now: datetime) -> Iterator[str]:
    of_nobody = Case.objects.open().exclude(family_id=None)
    home = Family.objects.filter(pk=OuterRef("family_id"))
    kinds = of_nobody.filter(~Exists(home)).order_by("kind").values_list("kind").annotate(Count("pk"))
    for kind, count in kinds:
        yield f"{count} demande(s) {kind} d’un dossier qui n’existe pas"


CHECKS: Final[Mapping[str, Callable[[datetime], Iterable[str]]]] = {
    "base": _database,
    "places": _places,
    "paiements": _payments,
    "factures": _bills,
    "fichiers": _files,
    "valeurs scellées": _sealed,
    "journal": _journal,
    "courriels": _mails,
    "demandes": _cases,
}
