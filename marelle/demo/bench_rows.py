"""What the copies of a territory do not hold and pages of the agents' side show: what waits for a decision of
each kind, a list to import, a sending to every home, a hundred thousand lines of the journal of agents."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Final

from django.core.files.base import ContentFile

from marelle.accounts.models import User
from marelle.activities.audiences import AudienceKind
from marelle.activities.kinds import ActivityKind
from marelle.activities.models import Activity, Gauge, KeptPlaces, Question, StaffMember
from marelle.attendance import mismatches, no_shows
from marelle.attendance.mismatch_rules import Answer
from marelle.attendance.models import Mismatch, NoShow
from marelle.attendance.rules import Alert
from marelle.bookings.absences import services as absences
from marelle.bookings.models import Absence, AbsenceProof, Booking, BookingRequest
from marelle.bookings.saving import requests
from marelle.bookings.saving.alone import alone_ask
from marelle.bookings.states import BookingState
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Role
from marelle.core.clock import local
from marelle.core.subject import Subject
from marelle.core.tabular import csv_written
from marelle.demo.asked import come_for_the_first_time, come_unknown, count_again
from marelle.demo.bench_ids import best_known, own_structures
from marelle.demo.bench_import import content
from marelle.demo.judged import judge_a_week
from marelle.demo.pupils import write_list
from marelle.enrolments.models import Enrolment
from marelle.families.imports.income_lines import Defaults
from marelle.families.imports.incomes import incomes_prepare
from marelle.families.imports.services import import_prepare
from marelle.families.incomes.rules import IncomeStatus
from marelle.families.models import Family, Member
from marelle.files.services import file_make
from marelle.flows.actor.actors import actor_for
from marelle.flows.home import erasure
from marelle.journal.models import Entry
from marelle.mail.services import queue
from marelle.messaging.models import News, NewsRecipient, NewsSending, ReplyTemplate
from marelle.papers.models import PaperReminded, PaperReminder
from marelle.places.models import Structure
from marelle.pricing.facts import TraitKind
from marelle.pricing.homes import NewTrait, home_trait_note
from marelle.pricing.products import ProductTerms, product_add
from marelle.pricing.subscriptions import NewSubscription, subscription_take

LINES: Final = 100_000
IMPORTED: Final = 50
"""Homes of the list that waits: what two thousand cost is measured apart."""

NOT_UNDERSTOOD: Final = "comme à la maison"
READ_AND_DONE: Final = (
    "health.read",
    "enrolment.accepted",
    "paper.accepted",
    "file.saved",
    "acting.began",
)


def write_staff_rows(now: datetime) -> None:
    """All of it, around the first structure of the first director."""
    director = User.objects.filter(posts__role=Role.DIRECTOR).order_by("pk")[0]
    office = User.objects.filter(posts__role=Role.OFFICE).order_by("pk")[0]
    structure = Structure.objects.filter(posts__user=director).order_by("pk")[0]
    _ask_for_a_day(structure, now)
    _send_a_proof(structure, now)
    alone_ask([_to_come(structure, now).pk], now=now)
    _come_unbooked(structure, now)
    _missed_often(structure, now)
    _judge_a_week(director, structure, now)
    come_unknown(director, local(now).date())
    _remind_and_tell(structure, now)
    count_again(director, now)
    _keep_a_place(structure, now)
    Question.objects.create(
        activity=Activity.objects.filter(structure=structure).order_by("pk")[0], text="Sait-il nager ?"
    )
    day = local(now).date()
    StaffMember.objects.create(
        structure=structure,
        first_name="Perrine",
        last_name="Vidal",
        qualification="leads",
        first_day=day,
        last_day=day,
    )
    ReplyTemplate.objects.create(
        authority_id=structure.authority_id,
        structure=structure,
        title="Bien reçu",
        text="Merci, c’est noté.",
        by=director.display_name,
        changed_at=now,
    )
    for upload in (
        ContentFile(content(IMPORTED), name="familles.csv"),
        ContentFile(content(IMPORTED, diet=NOT_UNDERSTOOD), name="familles-mots.csv"),
    ):
        import_prepare(actor=actor_for(office), upload=upload, now=now)
    write_list(actor_for(office), now)
    authority_id = min(actor_for(office).authorities(Role.OFFICE))
    fee = product_add(
        actor=actor_for(office), authority_id=authority_id, terms=ProductTerms("Cotisation"), now=now
    )
    numbers = Family.objects.order_by("pk").values_list("number", flat=True)[:IMPORTED]
    quotients = csv_written([("Dossier", "QF"), *((number, 734) for number in numbers)])
    incomes_prepare(
        actor=actor_for(office),
        upload=ContentFile(quotients, name="quotients.csv"),
        defaults=Defaults(IncomeStatus.PROVED, now.date(), "CDAP"),
        now=now,
    )
    family_id = best_known(own_structures(office))
    trait = NewTrait(TraitKind.REGULAR, day, None, "Inscription à l’année")
    home_trait_note(
        actor=actor_for(office), authority_id=authority_id, family_id=family_id, trait=trait, now=now
    )
    taken = NewSubscription(fee.pk, day)
    subscription_take(actor=actor_for(office), family_id=family_id, taken=taken, now=now)
    leaving = Case.objects.open().filter(kind=erasure.KIND).values("family_id")
    parents = Member.objects.filter(kind=Member.Kind.ADULT, person__account__isnull=False)
    parent = parents.exclude(family__in=leaving).order_by("-pk")[0]
    come_for_the_first_time(parent.person, now=now)
    account = parent.person.account
    if account is not None:
        erasure.erasure_ask(actor=actor_for(account), now=now)
    queue(
        kind="accounts/invitation",
        to="",
        context={"name": "Camille", "url": "https://portail.example/", "days": 14},
        family_id=parent.family_id,
        secret=True,
        now=now,
    )


def _ask_for_a_day(structure: Structure, now: datetime) -> None:
    booking = _to_come(structure, now)
    request = BookingRequest.objects.create(
        child_id=booking.child_id,
        family_id=booking.family_id,
        activity_id=booking.enrolment.activity_id,
        asked_at=now,
        asked_by="Camille",
    )
    Booking.objects.filter(pk=booking.pk).update(state=BookingState.REQUESTED, request=request)
    _wait(requests.KIND, Subject(requests.SUBJECT, request.pk, str(booking.child)), booking, structure, now)


def _send_a_proof(structure: Structure, now: datetime) -> None:
    booking = _to_come(structure, now)
    proof = AbsenceProof.objects.create(
        family_id=booking.family_id,
        child_id=booking.child_id,
        structure=structure,
        file=file_make(actor=SYSTEM, content=b"%PDF-1.7", name="certificat.pdf", pages=1, now=now),
        sent_at=now,
        sent_by="Camille",
    )
    Absence.objects.create(booking=booking, declared_at=now, declared_by="Camille", proof=proof)
    _wait(absences.KIND, Subject(absences.SUBJECT, proof.pk, str(booking.child)), booking, structure, now)


def _come_unbooked(structure: Structure, now: datetime) -> None:
    """A child seen on a day that it had not booked, of whom the home said that it is an error."""
    booking = _to_come(structure, now)
    mismatch = Mismatch.objects.create(
        opening_id=booking.opening_id,
        child_id=booking.child_id,
        family_id=booking.family_id,
        kind=Alert.UNBOOKED,
        day=booking.day,
        told_at=now,
        answer=Answer.ERROR,
        answered_at=now,
        answered_by="Camille",
    )
    mismatch.case = _wait(
        mismatches.KIND, Subject(mismatches.SUBJECT, mismatch.pk, str(booking.child)), booking, structure, now
    )
    mismatch.save(update_fields=["case"])


def _missed_often(structure: Structure, now: datetime) -> None:
    """A child whom an agent is asked about, after absences without notice."""
    booking = _to_come(structure, now)
    row = NoShow.objects.create(
        enrolment_id=booking.enrolment_id, since=booking.day.replace(day=1), asked_at=now
    )
    _wait(no_shows.KIND, Subject(no_shows.SUBJECT, row.pk, str(booking.child)), booking, structure, now)


def _keep_a_place(structure: Structure, now: datetime) -> None:
    """For children to be named, which keeps nothing of the quotas that are there: the pages measured are as
    they were."""
    gauge = Gauge.objects.filter(draws__slot__activity__structure=structure).order_by("pk")[0]
    KeptPlaces.objects.create(
        activity=Activity.objects.filter(slots__draws__gauge=gauge).order_by("pk")[0],
        gauge=gauge,
        name="Suivi social",
        places=1,
        audience=AudienceKind.NAMED.value,
        since=local(now).date(),
        release_time=time(18),
    )


def _judge_a_week(director: User, structure: Structure, now: datetime) -> None:
    """A week of the holidays that was judged by a least."""
    holidays = structure.activities.filter(kind=ActivityKind.HOLIDAYS).order_by("pk")[0]
    judge_a_week(actor_for(director), holidays, now)


def _wait(kind: str, subject: Subject, booking: Booking, structure: Structure, now: datetime) -> Case:
    return open_case(
        actor=SYSTEM,
        kind=kind,
        subject=subject,
        family_id=booking.family_id,
        authority_id=structure.authority_id,
        structure_id=structure.pk,
        now=now,
    )


def _to_come(structure: Structure, now: datetime) -> Booking:
    """A day booked, for which no absence is told."""
    rows = Booking.objects.filter(
        opening__activity__structure=structure,
        state=BookingState.BOOKED,
        day__gt=now.date(),
        absence=None,
    )
    return rows.select_related("child", "enrolment").order_by("day", "pk")[0]


def _remind_and_tell(structure: Structure, now: datetime) -> None:
    """A reminder to the homes of the structure, a piece of news to every home, both told."""
    known = Enrolment.objects.filter(activity__structure=structure).values_list("family", flat=True)
    homes = sorted(set(known))
    reminder = PaperReminder.objects.create(
        structure=structure, homes=len(homes), asked_at=now, asked_by="Aline Moreau"
    )
    PaperReminded.objects.bulk_create(
        PaperReminded(reminder=reminder, family_id=home, asked_at=now, told_at=now, papers=2)
        for home in homes
    )
    news = News.objects.create(
        structure=structure,
        title="Fête du printemps",
        text="Samedi, dans la cour.",
        written_at=now,
        published_at=now,
        by="Aline Moreau",
    )
    everyone = list(Family.objects.values_list("pk", flat=True))
    sending = NewsSending.objects.create(
        news=news, by_mail=True, homes=len(everyone), asked_at=now, asked_by="Aline Moreau"
    )
    NewsRecipient.objects.bulk_create(
        NewsRecipient(sending=sending, family_id=home, told_at=now, way=NewsRecipient.Way.MAIL)
        for home in everyone
    )


def acts_of_staff(now: datetime) -> Iterator[Entry]:
    """`LINES` acts of all agents, the last of them now."""
    agents = list(
        User.objects.filter(posts__isnull=False).distinct().order_by("pk").values_list("pk", "display_name")
    )
    homes = list(Family.objects.order_by("pk").values_list("pk", "name"))
    for number in range(LINES):
        account, label = agents[number % len(agents)]
        home, name = homes[number % len(homes)]
        yield Entry(
            at=now - timedelta(minutes=5 * number),
            actor_user_id=account,
            actor_label=label,
            verb=READ_AND_DONE[number % len(READ_AND_DONE)],
            subject_kind="family",
            subject_id=home,
            subject_label=name,
            family_id=home,
        )
