"""Papers asked for and sent, what the structures publish: the told homes show every state of a paper."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random

import typst

from marelle.activities.models import Activity
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM, Actor
from marelle.core.clock import instant_at
from marelle.demo.places import Places
from marelle.demo.year import SchoolYear
from marelle.enrolments.models import Enrolment
from marelle.families.models import Guardianship, Member, Person
from marelle.files.models import StoredFile
from marelle.files.services import file_make
from marelle.papers.models import Paper, PaperAsked, PaperNeed, PaperPage, PaperType, Publication
from marelle.papers.rules import About, PaperState, Validity, expiry
from marelle.papers.services.sending import KIND, subject_of

YEAR = 365
"""Days."""

GIVEN_OF_TEN = 8
"""How many of ten homes drawn by chance have given what is asked."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What a told home sent lately, or so that `last` days are left of the twelve months that it counts."""

    account: str
    key: str
    first_name: str
    state: PaperState
    last: int | None = None
    reason: str = ""


CUT = "La photo est coupée : on ne lit pas les dates."
TOLD = (
    Sending("durand", "domicile", "", PaperState.ACCEPTED, 12),
    Sending("durand", "assurance", "Zoé", PaperState.ACCEPTED),
    Sending("durand", "assurance", "Léo", PaperState.REFUSED, reason=CUT),
    Sending("durand", "employeur", "Camille", PaperState.RECEIVED),
    Sending("martin", "domicile", "", PaperState.ACCEPTED, -9),
    Sending("martin", "assurance", "Inès", PaperState.ACCEPTED),
    Sending("petit", "domicile", "", PaperState.RECEIVED),
    Sending("petit", "assurance", "Milo", PaperState.RECEIVED),
)  # fmt: skip


def write_papers(places: Places, year: SchoolYear, random: Random) -> None:
    """Papers of every home, publications of some structures."""
    types = places.papers
    told = _told(types, year.today)
    _drawn(types, told, year, random)
    _publications(places, types, year)


def _told(types: dict[str, PaperType], today: date) -> set[int]:
    """Writes what the told homes sent, with a page to open. Returns the ids of these homes."""
    homes: set[int] = set()
    page = invented_pdf("Document d’exemple", "Ce document est inventé pour la démonstration.")
    adults = Person.objects.filter(account__identifier__in={one.account for one in TOLD})
    by_account = {
        adult.account.identifier: adult for adult in adults.select_related("account") if adult.account
    }
    for age, one in enumerate(TOLD):
        adult = by_account.get(one.account)
        if adult is None:
            continue
        family = adult.memberships.get().family
        person = Person.objects.filter(memberships__family=family, first_name=one.first_name).first()
        sent = today - timedelta(days=age + 2 if one.last is None else YEAR - one.last)
        at = instant_at(sent, time(20, 5 * age))
        decided = one.state is not PaperState.RECEIVED
        row = Paper.objects.create(
            paper_type=types[one.key],
            family=family,
            person=person,
            state=one.state,
            sent_at=at,
            sent_by=str(adult),
            decided_at=at + timedelta(hours=14) if decided else None,
            decided_by="Nadège Courtin" if decided else "",
            reason=one.reason,
            expires_on=_until(types[one.key], sent) if one.state is PaperState.ACCEPTED else None,
        )
        _page(row, page, Actor(None, str(adult)), at)
        homes.add(family.pk)
    return homes


def _until(kind: PaperType, sent_on: date, given: date | None = None) -> date | None:
    """As when an agent accepts it, the day after it was sent; `given` is the date written on it."""
    return expiry(Validity(kind.validity), kind.validity_months, sent_on + timedelta(days=1), given)


def _page(row: Paper, content: bytes, actor: Actor, at: datetime) -> None:
    name = f"{row.paper_type.title}.pdf"
    stored = file_make(actor=actor, content=content, name=name, pages=1, family_id=row.family_id, now=at)
    PaperPage.objects.create(paper=row, file=stored)
    if row.state == PaperState.RECEIVED:
        open_case(
            actor=actor,
            kind=KIND,
            subject=subject_of(row),
            family_id=row.family_id,
            authority_id=row.paper_type.authority_id,
            now=at,
        )


def _drawn(types: dict[str, PaperType], told: set[int], year: SchoolYear, random: Random) -> None:
    """Most other homes gave what is asked of them, and were asked once for the rest."""
    keys = sorted(_asked(types, told), key=lambda key: (key[0], key[1], key[2] or 0))
    sent = instant_at(year.first_day, time(10))
    kinds = {kind.pk: kind for kind in types.values()}
    papers, asked = [], []
    for family_id, type_id, person_id in keys:
        if random.randrange(10) < GIVEN_OF_TEN:
            papers.append(
                Paper(
                    paper_type_id=type_id,
                    family_id=family_id,
                    person_id=person_id,
                    state=PaperState.ACCEPTED,
                    sent_at=sent,
                    sent_by="Famille",
                    decided_at=sent + timedelta(days=1),
                    decided_by="Nadège Courtin",
                    expires_on=_until(kinds[type_id], year.first_day, year.last_day),
                )
            )
        else:
            asked.append(
                PaperAsked(paper_type_id=type_id, family_id=family_id, person_id=person_id, asked_at=sent)
            )
    Paper.objects.bulk_create(papers)
    PaperAsked.objects.bulk_create(asked)


def _asked(types: dict[str, PaperType], told: set[int]) -> set[tuple[int, int, int | None]]:
    """What is asked of each home that is not told of, as (home, type, person)."""
    by_activity: dict[int, list[PaperType]] = {}
    for need in PaperNeed.objects.select_related("paper_type"):
        by_activity.setdefault(need.activity_id, []).append(need.paper_type)
    authorities = dict(Activity.objects.values_list("pk", "structure__authority_id"))
    of_all = [kind for kind in types.values() if kind.asked_of_all]
    adults = _adults()
    found: set[tuple[int, int, int | None]] = set()
    rows = Enrolment.objects.filter(state__in=Enrolment.LIVE).exclude(family_id__in=told)
    for family_id, person_id, activity_id in rows.values_list("family_id", "person_id", "activity_id"):
        kinds = [kind for kind in of_all if kind.authority_id == authorities[activity_id]]
        for kind in (*by_activity.get(activity_id, ()), *kinds):
            owners: Iterable[int | None] = {
                About.FAMILY: (None,),
                About.CHILD: (person_id,),
                About.ADULT: adults.get((family_id, person_id), ()),
            }[About(kind.about)]
            found.update((family_id, kind.pk, owner) for owner in owners)
    return found


def _adults() -> dict[tuple[int, int], list[int]]:
    """The adults who answer for each child, by home."""
    homes = dict(Member.objects.filter(kind=Member.Kind.ADULT).values_list("person_id", "family_id"))
    found: dict[tuple[int, int], list[int]] = {}
    rows = Guardianship.objects.filter(has_authority=True).values_list("adult_id", "child_id")
    for adult_id, child_id in rows:
        found.setdefault((homes[adult_id], child_id), []).append(adult_id)
    return found


def _publications(places: Places, types: dict[str, PaperType], year: SchoolYear) -> None:
    wednesdays = places.activities["mercredis-brisecombe"]
    school_year = f"{year.year}-{year.year + 1}"
    for structure, activity, theme, title, version, returns, must_accept in (
        ("brisecombe", None, "rules", "Règlement de l’accueil de loisirs", school_year, None, True),
        ("brisecombe", wednesdays, "programmes", "Programme des mercredis", "", None, False),
        ("cantine", None, "programmes", "Menus du mois", "", None, False),
        ("cantine", None, "rules", "Règlement de la restauration scolaire", school_year, None, True),
        ("creche", None, "information", "Le premier jour au multi-accueil", "", None, False),
        ("brisecombe", None, "forms", "Modèle d’attestation d’assurance", "", "assurance", False),
    ):
        Publication.objects.create(
            structure=places.structures[structure],
            activity=activity,
            theme=theme,
            title=title,
            version=version,
            file=_published(title, year),
            published_on=year.first_day,
            returns=types[returns] if returns else None,
            must_accept=must_accept,
            published_by="Aline Moreau",
        )


def _published(title: str, year: SchoolYear) -> StoredFile:
    content = invented_pdf(title, "Document inventé pour la démonstration.")
    at = instant_at(year.first_day, time(9))
    return file_make(actor=SYSTEM, content=content, name=f"{title}.pdf", pages=1, now=at)


def invented_pdf(title: str, text: str) -> bytes:
    source = f'#set document(title: "{title}")\n#set text(lang: "fr", size: 12pt)\n= {title}\n\n{text}\n'
    made: bytes = typst.compile(source.encode(), format="pdf", ignore_system_fonts=True)
    return made
