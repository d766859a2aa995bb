"""The journal of staff: who read which health sheet, who decided or changed what, who acted for a family.

An agent who is a parent too leaves here nothing of what it does in its own home, nor when it came in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.core.actor import Actor, Role
from marelle.core.clock import instant_at
from marelle.core.subject import Subject
from marelle.families.models import Family, Member
from marelle.flows.journal.bills import on_bills
from marelle.flows.journal.sentences import SENTENCES
from marelle.flows.journal.watching import READINGS_WATCHED
from marelle.journal.models import Entry
from marelle.journal.services import record
from marelle.places.models import Post
from marelle.places.scope import answers_for

PER_PAGE: Final = 40
EXPORTED_AT_MOST: Final = 5000

READINGS: Final = frozenset({*READINGS_WATCHED, "paper.read", "absence.proof_read"})
OWN: Final = frozenset({"connection", "password", "calendar", "second", "identity"})
"""First words of what people do to their own account."""
OF_ACCOUNTS: Final = frozenset(verb for verb in SENTENCES if verb.startswith("account.")) - {
    "account.invited"
}

DECISIONS: Final = frozenset(
    {
        "enrolment",
        "booking",
        "absence",
        "door",
        "paper",
        "message",
        "mismatch",
        "no_show",
        "care",
        "arrival",
        "visit",
        "letter",
        "opening",
        "stored_file",
    }
)
FILES: Final = frozenset(
    {
        "acting",
        "consent",
        "custody",
        "family",
        "file",
        "health",
        "note",
        "pickup_ban",
        "pickup_contact",
        "pickup_permission",
        "promotion",
        "restriction",
        "income",
        "quotient",
        "residence",
        "pupils",
        "schooling",
        "teen_access",
        "vaccination",
    }
)


BILLS: Final = frozenset(
    {
        "addressee",
        "billing_run",
        "billing_terms",
        "contest",
        "coverage",
        "deferral",
        "exercise",
        "exported_bill",
        "invoice",
        "invoices",
        "mandate",
        "payer",
        "payer_access",
        "reminder",
        "reminder_step",
        "reminders",
        "stray_payment",
        "treasury",
        "tresor_export",
        "tresor_terms",
    }
)
OF_BILLS: Final = "factures"
"""The one kind that tells who else acted: what the worker issued for an agent, what a home asked."""


def _of_staff(verb: str) -> bool:
    return verb.partition(".")[0] not in OWN and verb not in OF_ACCOUNTS


def _begun(words: frozenset[str]) -> frozenset[str]:
    return frozenset(verb for verb in SENTENCES if verb.partition(".")[0] in words) - READINGS


ALL: Final = frozenset(filter(_of_staff, SENTENCES))
KINDS: Final[Mapping[str, tuple[Promise, frozenset[str]]]] = {
    "sante": (_("Lectures de santé et de revenus"), READINGS),
    "decisions": (_("Demandes, réservations, documents, messages"), _begun(DECISIONS)),
    "dossiers": (_("Dossiers des familles"), _begun(FILES)),
    OF_BILLS: (_("Factures, paiements et exercices"), _begun(BILLS)),
    "reglages": (
        _("Activités, agents et réglages"),
        ALL - READINGS - _begun(DECISIONS) - _begun(FILES) - _begun(BILLS),
    ),
}
"""Kinds of acts, each with its verbs: together they are all acts of staff, each once."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to show: None, "" and False choose nothing.

    `authority_id`: whose bills, for `OF_BILLS`. `before` is the key of the last act of the page above.
    """

    agent_id: int | None = None
    family_number: str = ""
    kind: str = ""
    authority_id: int | None = None
    for_families: bool = False
    first: date | None = None
    last: date | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True)
class StaffAct:
    entry: Entry
    family_number: str


@dataclass(frozen=True, slots=True)
class StaffPage:
    """The latest acts first; `older` is the key to ask the next ones with, None at the end."""

    acts: tuple[StaffAct, ...]
    older: int | None


def staff_accounts(actor: Actor) -> QuerySet[User]:
    """Those who work, or worked, where the actor answers for, by name."""
    former = Entry.objects.of_posts_taken()
    if not actor.is_administrator:
        former = former.filter(data__authority__in=list(actor.authorities(Role.OFFICE)))
    working = Post.objects.filter(answers_for(actor)).values("user_id")
    gone = former.order_by().values("subject_id")
    return User.objects.filter(Q(pk__in=working) | Q(pk__in=gone)).order_by("display_name", "pk")


def staff_journal(
    actor: Actor, wanted: Wanted, *, but_homes: Collection[int] = (), limit: int = PER_PAGE
) -> StaffPage:
    """Acts of the agents that the actor answers for, in homes not their own; of bills, those of anybody on
    what its authorities bill, but to `but_homes`. As many queries however many there are."""
    ids = set(staff_accounts(actor).values_list("pk", flat=True))
    # An expression: by the index on the agents, a database reads all that they ever did, then sorts it.
    entries = Entry.objects.alias(agent=F("actor_user_id") + 0).order_by("-pk")
    own = Exists(
        Member.objects.filter(
            kind=Member.Kind.ADULT,
            person__account_id=OuterRef("actor_user_id"),
            family_id=OuterRef("family_id"),
        )
    )
    if wanted.kind == OF_BILLS:
        entries = entries.filter(on_bills(actor, wanted.authority_id), verb__in=KINDS[OF_BILLS][1])
        entries = entries.exclude(own, agent__in=ids).exclude(family_id__in=but_homes)
    else:
        entries = entries.filter(~own, agent__in=ids, verb__in=ALL)
    rows = list(_narrowed(entries, wanted)[: limit + 1])
    shown = rows[:limit]
    families = Family.objects.filter(pk__in={row.family_id for row in shown if row.family_id})
    numbers = dict(families.values_list("pk", "number"))
    acts = tuple(StaffAct(row, numbers.get(row.family_id or 0, "")) for row in shown)
    return StaffPage(acts, shown[-1].pk if len(rows) > limit else None)


def staff_journal_exported(
    actor: Actor, wanted: Wanted, *, but_homes: Collection[int] = (), now: datetime
) -> StaffPage:
    """The same for a file, `EXPORTED_AT_MOST` acts; that it was taken is written down."""
    page = staff_journal(actor, wanted, but_homes=but_homes, limit=EXPORTED_AT_MOST)
    subject = Subject("account", actor.user_id, actor.label)
    record(
        actor=actor, verb="staff_journal.exported", subject=subject, data={"count": len(page.acts)}, now=now
    )
    return page


def _narrowed(entries: QuerySet[Entry], wanted: Wanted) -> QuerySet[Entry]:
    if wanted.agent_id is not None:
        entries = entries.filter(actor_user_id=wanted.agent_id)
    if wanted.family_number:
        family = Family.objects.filter(number=wanted.family_number).values_list("pk", flat=True).first() or 0
        people = Member.objects.filter(family_id=family).values("person_id")
        read = Q(subject_kind="family", subject_id=family) | Q(subject_kind="person", subject_id__in=people)
        # What was read of a home is no act of its own journal.
        entries = entries.filter(Q(family_id=family) | Q(read, verb__in=READINGS))
    if wanted.kind in KINDS:
        entries = entries.filter(verb__in=KINDS[wanted.kind][1])
    if wanted.for_families:
        entries = entries.filter(Q(on_behalf=True) | Q(verb="acting.started"))
    if wanted.first is not None:
        entries = entries.filter(at__gte=instant_at(wanted.first, time()))
    if wanted.last is not None:
        entries = entries.filter(at__lt=instant_at(wanted.last + timedelta(days=1), time()))
    if wanted.before is not None:
        entries = entries.filter(pk__lt=wanted.before)
    return entries
