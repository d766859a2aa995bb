"""Which row of the bench's world an address of the agents' side is measured with: the longest there is."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Count, Model, Q

from marelle.accounts.models import User
from marelle.activities.models import (
    Activity,
    AgeGroup,
    AwaitedOpening,
    BookingBound,
    BookingCondition,
    Bundle,
    Gauge,
    KeptPlaces,
    Opening,
    Question,
    Slot,
    StaffMember,
)
from marelle.attendance.models import Mismatch, NoShow
from marelle.billing.accounting.exercises import exercises_of
from marelle.billing.models import ImportRun, ReminderStep
from marelle.bookings.models import AbsenceProof, Booking, BookingRequest
from marelle.bookings.states import HOLDING, BookingState
from marelle.campaigns.models import Campaign, Commission, CommissionSheet, Criterion, Wish
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.enrolments.models import EndRequest, Enrolment
from marelle.families.models import ConsentType, Family, FamilyImport, Income, IncomeImport, Member, PupilList
from marelle.flows.models import MovingImport
from marelle.mail.models import Message as Mail
from marelle.mail.models import MessageState
from marelle.messaging.models import News, NewsSending, ReplyTemplate, Thread
from marelle.papers.models import PaperReminder, PaperType, Publication
from marelle.places.models import Authority, Closure, School, Structure, StructureContact, StructureKind
from marelle.pricing.models import HomeTrait, Product, Subscription
from marelle.relay.models import CareRequest, Childminder


@dataclass(frozen=True, slots=True)
class Reach:
    """What an agent answers for, and the day that its pages are asked for."""

    structures: tuple[int, ...]
    authorities: tuple[int, ...]
    day: date
    busiest: int
    """Its structure with most bookings that day."""
    family: int
    """The home that knows its structures best."""

    @classmethod
    def of(cls, user: User, day: date) -> Reach:
        structures = own_structures(user)
        booked = Booking.objects.filter(day=day, opening__activity__structure__in=structures)
        busiest = booked.values_list("opening__activity__structure").annotate(n=Count("pk")).order_by("-n")[0]
        authorities = Authority.objects.filter(structures__in=structures).distinct()
        return cls(
            structures=structures,
            authorities=tuple(authorities.order_by("pk").values_list("pk", flat=True)),
            day=day,
            busiest=busiest[0],
            family=best_known(structures),
        )


def own_structures(user: User) -> tuple[int, ...]:
    own = Structure.objects.filter(Q(posts__user=user) | Q(authority__posts__user=user)).distinct()
    return tuple(own.order_by("pk").values_list("pk", flat=True))


def best_known(structures: Collection[int]) -> int:
    """The home that these structures know best: the same once others have booked and given back."""
    homes = Enrolment.objects.filter(
        activity__structure__in=structures,
        state=Enrolment.State.ACCEPTED,
        family__members__person__account__isnull=False,
    )
    held = Count("bookings", filter=Q(bookings__state__in=HOLDING))
    family: int
    family, _count = homes.values_list("family").annotate(n=held).order_by("-n", "family")[0]
    return family


Choice = Callable[[Reach], int | str | date | None]


def value_of(name: str, reach: Reach, route: str) -> int | str | date | None:
    """The value of an argument: raises KeyError for one that is not known yet, None where there is no row."""
    chosen = OF_ROUTE.get((route, name)) or CHOICES[name]
    return chosen(reach)


def _first(model: type[Model], path: str, **where: Any) -> Choice:
    """The first row that leads to a structure of the agent."""

    def chosen(reach: Reach) -> int | None:
        rows = model._default_manager.filter(**{f"{path}__in": reach.structures}, **where)
        return rows.order_by("pk").values_list("pk", flat=True).first()

    return chosen


def _most(model: type[Model], path: str, counted: str, **where: Any) -> Choice:
    """The one with most rows of `counted`."""

    def chosen(reach: Reach) -> int | None:
        rows = model._default_manager.filter(**{f"{path}__in": reach.structures}, **where)
        counts = rows.annotate(n=Count(counted)).order_by("-n", "pk")
        found: int | None = counts.values_list("pk", flat=True).first()
        return found

    return chosen


def _of_authority(model: type[Model], **where: Any) -> Choice:
    def chosen(reach: Reach) -> int | None:
        rows = model._default_manager.filter(authority__in=reach.authorities, **where)
        return rows.order_by("pk").values_list("pk", flat=True).first()

    return chosen


def _of_case(kind: str) -> Choice:
    """The subject of a case that waits for the agent, or for its authority."""

    def chosen(reach: Reach) -> int | None:
        cases = Case.objects.open().filter(kind=kind)
        own = Q(structure_id__in=reach.structures) | Q(structure_id=None)
        return cases.filter(own).order_by("pk").values_list("subject_id", flat=True).first()

    return chosen


def _any(model: type[Model], **where: Any) -> Choice:
    def chosen(_reach: Reach) -> int | None:
        return model._default_manager.filter(**where).order_by("pk").values_list("pk", flat=True).first()

    return chosen


def _member(kind: Member.Kind) -> Choice:
    def chosen(reach: Reach) -> int | None:
        rows = Member.objects.filter(family=reach.family, kind=kind, until=None)
        return rows.order_by("pk").values_list("person", flat=True).first()

    return chosen


def _waited(reach: Reach) -> int | None:
    rows = Booking.objects.filter(
        state=BookingState.WAITING, opening__activity__structure__in=reach.structures
    )
    found = rows.values_list("opening").annotate(n=Count("pk")).order_by("-n", "opening").first()
    return None if found is None else found[0]


def _twin(reach: Reach) -> int | None:
    """Another home of the same name."""
    kept = Family.objects.get(pk=reach.family)
    rows = Family.objects.exclude(pk=kept.pk).filter(name=kept.name)
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _income(reach: Reach) -> int | None:
    rows = Income.objects.filter(family=reach.family).order_by("-since", "pk")
    return rows.values_list("pk", flat=True).first()


def _trait(reach: Reach) -> int | None:
    rows = HomeTrait.objects.filter(family=reach.family, authority__in=reach.authorities).order_by("pk")
    return rows.values_list("pk", flat=True).first()


def _subscription(reach: Reach) -> int | None:
    rows = Subscription.objects.filter(family=reach.family, product__authority__in=reach.authorities)
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _news_sent(reach: Reach) -> int | None:
    rows = NewsSending.objects.filter(news__structure__in=reach.structures)
    return rows.order_by("pk").values_list("news", flat=True).first()


def _colleague(reach: Reach) -> int | None:
    rows = User.objects.filter(posts__role=Role.ANIMATOR, posts__structure__in=reach.structures)
    return rows.order_by("pk").values_list("pk", flat=True).first()


def _last_import(_reach: Reach) -> int | None:
    """The one with a word that nobody but the agent understands (`bench_rows.py`)."""
    rows = FamilyImport.objects.filter(state=FamilyImport.State.PREPARED)
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def _last_list(_reach: Reach) -> int | None:
    rows = PupilList.objects.filter(state=PupilList.State.PREPARED)
    return rows.order_by("-pk").values_list("pk", flat=True).first()


def _busiest_school() -> int | None:
    schools = School.objects.annotate(n=Count("pupils")).order_by("-n", "pk")
    return schools.values_list("pk", flat=True).first()


def _expected(reach: Reach) -> int | None:
    """A child who comes that day at the busiest structure."""
    there = Booking.objects.filter(day=reach.day, opening__activity__structure=reach.busiest)
    return there.filter(state=BookingState.BOOKED).order_by("pk").values_list("child_id", flat=True).first()


CHILD: Final = _member(Member.Kind.CHILD)

CHOICES: Final[dict[str, Choice]] = {
    "alone_id": _of_case("alone"),
    "accepted_id": _most(
        Enrolment, "activity__structure", "bookings", state=Enrolment.State.ACCEPTED, groups__isnull=False
    ),
    "activity_id": _most(Activity, "structure", "enrolments"),
    "adult_id": _member(Member.Kind.ADULT),
    "arrival_id": _of_case("arrival"),
    "app": lambda _reach: "accounts",
    "authority_id": lambda reach: reach.authorities[0],
    "awaited_id": _first(AwaitedOpening, "activity__structure"),
    "bound_id": _first(BookingBound, "activity__structure"),
    "code": lambda _reach: "registre",
    "condition_id": _first(BookingCondition, "activity__structure"),
    "kept_places_id": _first(KeptPlaces, "activity__structure", audience="named"),
    "bundle_id": _most(Bundle, "activity__structure", "openings"),
    "case_id": _first(Case, "structure_id", kind="enrolment", state="open"),
    "change_id": _of_case("change"),
    "child_id": CHILD,
    "childminder_id": _of_authority(Childminder, active=True),
    "closure_id": _most(Closure, "structure", "openings"),
    "colleague_id": _colleague,
    "consent_type_id": _of_authority(ConsentType),
    "dated_id": _most(Opening, "activity__structure", "bookings"),
    "day": lambda reach: reach.day,
    "demand_id": _first(CareRequest, "structure"),
    "end_id": _first(EndRequest, "enrolment__activity__structure"),
    "enrolment_id": _first(Enrolment, "activity__structure", state=Enrolment.State.REQUESTED),
    "erased_id": _of_case("erasure"),
    "family_id": lambda reach: reach.family,
    "gauge_id": _most(Gauge, "structure", "quotas"),
    "group_id": _first(AgeGroup, "activity__structure"),
    "income_id": _income,
    "import_id": _any(FamilyImport, state=FamilyImport.State.PREPARED),
    "kept_id": lambda reach: reach.family,
    "left_id": _twin,
    "list_id": _last_list,
    "judged_id": _of_case("least"),
    "letter_id": _any(Mail, state=MessageState.TO_PRINT),
    "mismatch_id": _first(Mismatch, "opening__activity__structure"),
    "moving_id": _any(MovingImport, state=MovingImport.State.PREPARED),
    "moving_kind": lambda _reach: "reservations",
    "name": lambda _reach: "invitation",
    "ruled_id": _most(Activity, "structure", "enrolments"),
    "no_show_id": _first(NoShow, "enrolment__activity__structure"),
    "news_id": _first(News, "structure", sending=None),
    "nursery_id": _first(Structure, "pk", kind=StructureKind.CHILDCARE),
    "opening_id": _most(Opening, "activity__structure", "visits", activity__kind="relay"),
    "paper_id": _of_case("paper"),
    "person_id": CHILD,
    "place_contact_id": _first(StructureContact, "structure"),
    "product_id": _of_authority(Product),
    "subscription_id": _subscription,
    "proof_id": _first(AbsenceProof, "structure"),
    "publication_id": _first(Publication, "structure"),
    "question_id": _first(Question, "activity__structure"),
    "recounted_id": _of_case("gauge"),
    "refused_id": _of_case("call"),
    "reminder_id": _most(PaperReminder, "structure", "reminded"),
    "reminder_step_id": _of_authority(ReminderStep),
    "reply_id": _first(ReplyTemplate, "structure"),
    "request_id": _first(BookingRequest, "activity__structure"),
    "run_id": _of_authority(ImportRun),
    "school_id": lambda _reach: _busiest_school(),
    "section": lambda _reach: "qui",
    "shared_id": lambda _reach: _busiest_school(),
    "shared_kind": lambda _reach: "ecoles",
    "sheet_id": _any(IncomeImport, state=IncomeImport.State.PREPARED),
    "slot_id": _most(Slot, "activity__structure", "openings"),
    "structure_id": lambda reach: reach.busiest,
    "thread_id": _most(Thread, "structure", "messages"),
    "ticked_day": lambda reach: reach.day - timedelta(days=7),
    "trait_id": _trait,
    "type_id": _of_authority(PaperType),
    "parallel_id": _any(ImportRun, kind=ImportRun.Kind.PARALLEL),
    "returned_id": _any(ImportRun, kind=ImportRun.Kind.TRESOR_CSV),
    "moved_in_id": _any(ImportRun, kind=ImportRun.Kind.BALANCES),
    "moved_kind": lambda _reach: "soldes",
    "usual": lambda _reach: "hors-delai",
    "unsettled_id": _of_case("attendance"),
    "campaign_id": _first(Campaign, "activities__structure", state=Campaign.State.DRAFT),
    "simulated_id": _first(Campaign, "activities__structure", wishes__isnull=False),
    "wish_id": _first(Wish, "campaign__activities__structure"),
    "commission_id": _first(Commission, "structure", state=Commission.State.DRAFT),
    "seated_id": _first(Commission, "structure", state=Commission.State.SENT),
    "care_sheet_id": _first(CommissionSheet, "commission__structure"),
    "criterion_id": _first(Criterion, "campaign__activities__structure"),
    "waited_id": _waited,
    "worker_id": _first(StaffMember, "structure"),
    "year": lambda reach: next(iter(exercises_of(reach.authorities[0])), None),
}
"""By the name of the argument."""

OF_ROUTE: Final[dict[tuple[str, str], Choice]] = {
    ("/agents/actualites/<id:news_id>/envoi/", "news_id"): _news_sent,
    ("/agents/familles/importer/<id:import_id>/mots/", "import_id"): _last_import,
    ("/agents/presences/enfant/<id:child_id>/", "child_id"): _expected,
}
"""Where one name stands for another row."""
