"""A run of a campaign: what each home asked becomes plans over places, rights are judged, homes choose in
their order; the file is kept, and the verifier reads it."""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet

from marelle.activities.models import Quota as QuotaRow
from marelle.bookings.rules import Opening
from marelle.bookings.saving.ledger import Facts, Hours, Quota
from marelle.bookings.saving.locks import quotas_drawn, quotas_of_openings, with_parts
from marelle.bookings.saving.standing import Standing
from marelle.campaigns import verifier
from marelle.campaigns.document import Draw, fingerprint, whole_told, written
from marelle.campaigns.drawing import ranks_drawn
from marelle.campaigns.models import AnswerMove, Campaign, Wish, WishLine
from marelle.campaigns.reading import bookable_ids, campaigns_of, facts_for, in_the_name_of, openings_given
from marelle.campaigns.refusals import CampaignRefused
from marelle.campaigns.rights import Held, right_of
from marelle.campaigns.rules import Allotment, Answer, Asker, Blocked, Choice, Plan, Right, allot, blocked
from marelle.campaigns.services import campaign_locked, subject_of
from marelle.campaigns.units import Unit, clashing, offer_of
from marelle.core.actor import Actor
from marelle.core.clock import local, universal
from marelle.core.refusals import NotYours
from marelle.families.locks import homes_locked
from marelle.journal.services import record

SIMULATED: Final = "campaign.simulated"
VERIFIED: Final = "campaign.verified"

State = Campaign.State

LONGEST: Final = 120
"""Seconds that the verifier is given."""

AT_ONCE: Final = 100
"""Homes of which what they ask is read while the agent waits, a few seconds; of more, the worker does."""

GONE: Final = "n’est plus possible"
"""A place of which there is none: what a plan lacks that may not be had any more."""


@dataclass(slots=True)
class Pool:
    """Places by their name in the file, as a run counts them."""

    quotas: Mapping[int, Quota]
    names: Mapping[int, str]
    drawn: Mapping[int, Sequence[int]]
    places: dict[str, int] = field(default_factory=dict)

    def needs(self, child: Seeker, openings: Sequence[Opening]) -> Counter[str]:
        """What a child takes on these openings: once of each quota on which it is not yet, and its own time,
        of which there is one."""
        found: Counter[str] = Counter()
        wanted = {pk for one in openings for pk in self.drawn.get(one.id, ())} - child.on
        for quota_id in sorted(wanted):
            for name, left in self._kinds(self.quotas[quota_id], self.names[quota_id], child, openings):
                self.places.setdefault(name, left)
                found[name] = 1
        for one in openings:
            for name, left in child.times(one):
                self.places.setdefault(name, left)
                found[name] += 1
        return found

    def _kinds(
        self, quota: Quota, name: str, child: Seeker, openings: Sequence[Opening]
    ) -> Iterable[tuple[str, int]]:
        """All count for the whole of it; who counts for none of some places kept is not to take those."""
        free = max(0, quota.capacity - quota.taken)
        yield name, free
        marks = frozenset().union(*(child.marks(one) for one in openings))
        back = [part for part in quota.parts if part.kept_id not in marks]
        if back:
            kept = sum(max(0, part.places - part.taken) for part in back)
            others = "-".join(str(part.kept_id) for part in back)
            yield f"{name} sauf gardées {others}", max(0, free - kept)


@dataclass(slots=True)
class Seeker:
    """A child, known by a number of the file: what it is on already, and what of its time is wished for."""

    number: int
    standing: Standing
    child_id: int
    on: frozenset[int]
    wanted: dict[int, Opening] = field(default_factory=dict)

    def marks(self, opening: Opening) -> frozenset[int]:
        return self.standing.marks(self.child_id, opening)

    def times(self, opening: Opening) -> Iterable[tuple[str, int]]:
        """The child is once on an opening, and never on two at one time."""
        name = f"enfant {self.number} · {opening.day.isoformat()} · {opening.id}"
        place = self.standing.place(self.child_id, opening.id)
        is_taken = (
            place is not None or self.standing.rival(self.child_id, opening, _hours(opening)) is not None
        )
        yield name, 0 if is_taken else 1
        for other in self.wanted.values():
            if other.id != opening.id and (clashing(opening, other) or clashing(other, opening)):
                first, last = sorted((opening.id, other.id))
                yield f"enfant {self.number} · {opening.day.isoformat()} · {first} ou {last}", 1


@dataclass(frozen=True, slots=True)
class Run:
    """`choices`: by wish, the orders of the children in the order of the choices. `why` told by plan."""

    campaign: Campaign
    draw: Draw
    askers: tuple[Asker, ...]
    places: Mapping[str, int]
    done: Allotment
    held: Mapping[str, Held]

    @property
    def file(self) -> bytes:
        return written(whole_told(self.draw, self.places, self.askers, self.done.answers))


def campaign_simulate(
    *, actor: Actor, campaign_id: int, now: datetime, asked_at: datetime | None = None
) -> Campaign:
    """Run it as things stand; again as often as needed, until it is published. What agents had moved is
    forgotten. What takes long is done before any lock: families go on meanwhile. `asked_at`: only if that is
    when the run that is still to be done was asked for.

    Raises NotYours, and CampaignRefused: "state", "no_wishes", "moved" (a home has gone since, or another run
    was asked for or done: once more).
    """
    row = campaigns_of(actor).filter(pk=campaign_id).first()
    if row is None:
        raise NotYours
    if row.state not in (State.CLOSED, State.SIMULATED):
        raise CampaignRefused("state")
    if asked_at is not None and row.run_asked_at != asked_at:
        raise CampaignRefused("moved")
    wishes = list(wishes_of(campaign_id))
    if not wishes:
        raise CampaignRefused("no_wishes")
    return _keep(actor, run_of(row, wishes, now=now), now)


def campaign_run(*, actor: Actor, campaign_id: int, now: datetime) -> bool:
    """Run it, or leave it to the worker where many homes ask; whether it is done.

    Raises as `campaign_simulate`.
    """
    if Wish.objects.filter(campaign__in=campaigns_of(actor).filter(pk=campaign_id)).count() > AT_ONCE:
        _run_ask(actor, campaign_id, now)
        return False
    campaign_simulate(actor=actor, campaign_id=campaign_id, now=now)
    return True


@transaction.atomic
def _run_ask(actor: Actor, campaign_id: int, now: datetime) -> None:
    row = campaign_locked(actor, campaign_id, State.CLOSED, State.SIMULATED)
    row.run_asked_at, row.run_account_id, row.run_refused = now, actor.user_id, ""
    row.save(update_fields=["run_asked_at", "run_account_id", "run_refused"])


def run_asked(row: Campaign, actor: Actor | None, *, now: datetime) -> bool:
    """Do the run that was asked for by `actor`, None for who may no more; whether it is done.

    A worker that dies leaves it to the next; of two that do it at once, the first is kept.
    """
    code = "state"
    if actor is not None:
        try:
            campaign_simulate(actor=actor, campaign_id=row.pk, now=now, asked_at=row.run_asked_at)
        except NotYours:
            pass
        except CampaignRefused as refusal:
            code = refusal.code
        else:
            return True
    if code != "moved":
        mine = Campaign.objects.filter(pk=row.pk, run_asked_at=row.run_asked_at)
        mine.update(run_asked_at=None, run_refused=code)
    return False


def wishes_of(campaign_id: int) -> QuerySet[Wish]:
    """All wishes of a campaign, with their lines; two queries."""
    return Wish.objects.filter(campaign_id=campaign_id).order_by("pk").prefetch_related("lines")


def campaign_verify(*, actor: Actor, campaign_id: int, now: datetime) -> list[str]:
    """Have the verifier, another program, read the run, before any lock. Returns what it objects to, none of
    which goes out by itself: the homes of a ticket are set aside.

    Raises NotYours, and CampaignRefused: "state", "unreadable" (then nothing may go out), "moved" (it was run
    again meanwhile: once more).
    """
    row = campaigns_of(actor).filter(pk=campaign_id).first()
    if row is None:
        raise NotYours
    if row.state != State.SIMULATED:
        raise CampaignRefused("state")
    return _judged(actor, row, verifier_asked(row.file.encode()), now)


@transaction.atomic
def _judged(actor: Actor, read: Campaign, objections: Sequence[tuple[str, str]], now: datetime) -> list[str]:
    homes_locked(Wish.objects.filter(campaign=read).order_by().values("family_id"))
    row = campaign_locked(actor, read.pk, State.SIMULATED)
    if row.fingerprint != read.fingerprint:
        raise CampaignRefused("moved")
    Wish.objects.filter(campaign=row).update(faults=[])
    by_ticket: dict[str, list[str]] = defaultdict(list)
    for ticket, sentence in objections:
        by_ticket[ticket].append(sentence)
    for wish in Wish.objects.filter(campaign=row, ticket__in=by_ticket):
        wish.faults = by_ticket[wish.ticket]
        wish.save(update_fields=["faults"])
    row.verified = "" if "*" in by_ticket else row.fingerprint
    row.save(update_fields=["verified"])
    told = [f"{ticket} : {sentence}" for ticket, sentence in objections]
    data = {"fingerprint": row.fingerprint, "objections": len(told)}
    record(actor=actor, verb=VERIFIED, subject=subject_of(row), data=data, now=now)
    return told


def verifier_asked(file: bytes) -> list[tuple[str, str]]:
    """What `verifier.py` objects to, as a process of its own that reads nothing but the file: ticket ("*":
    the whole) and sentence. Raises CampaignRefused where it cannot read it."""
    program = Path(verifier.__file__)
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603
            [sys.executable, "-I", str(program)],
            input=file,
            capture_output=True,
            check=False,
            timeout=LONGEST,
        )
    except subprocess.TimeoutExpired as error:
        raise CampaignRefused("unreadable") from error
    if done.returncode not in (0, 1):
        raise CampaignRefused("unreadable")
    lines = done.stdout.decode().splitlines()
    objections = [line.partition(" : ") for line in lines[1:-1]]
    return [(ticket, sentence) for ticket, _mark, sentence in objections]


def run_of(campaign: Campaign, wishes: Sequence[Wish], *, now: datetime) -> Run:
    """Homes choose in their order, over what is left of the places now; a dozen queries a home."""
    openings = openings_given(campaign)
    quotas = with_parts(quotas_of_openings([one.id for one in openings], locked=False))
    pool = Pool(quotas, _names(quotas), quotas_drawn([one.id for one in openings]))
    draw = draw_of(campaign, [wish.ticket for wish in wishes])
    criteria = list(campaign.criteria.all())
    offered = list({one.activity.id: one.activity for one in openings}.values())
    homes = {wish.ticket: _home(campaign, wish, openings, now) for wish in wishes}
    _seekers_told([homes[wish.ticket] for wish in sorted(wishes, key=lambda one: one.ticket)])
    for wish in wishes:
        _all_wanted(wish.lines.all(), homes[wish.ticket])
    held: dict[str, Held] = {}
    askers = []
    for wish in wishes:
        children = {line.child_id for line in wish.lines.all()}
        held[wish.ticket] = right_of(wish.family_id, children, criteria, offered, campaign.first_day)
        right = right_drawn(campaign, wish, held[wish.ticket], draw)
        askers.append(Asker(wish.ticket, right, _choices(wish, homes[wish.ticket], pool)))
    return Run(campaign, draw, tuple(askers), pool.places, allot(pool.places, askers), held)


def right_drawn(campaign: Campaign, wish: Wish, held: Held, draw: Draw) -> Right:
    """What a home's turn hangs on: nothing of when it came, if it came while all are equal."""
    return Right(held.tier, held.points, _late(campaign, wish), draw.ranks[wish.ticket])


def draw_of(campaign: Campaign, tickets: Iterable[str]) -> Draw:
    """The draw of a campaign whose number is known."""
    ranks = ranks_drawn(seed=campaign.seed, public=campaign.public_number, tickets=tickets)
    return Draw(campaign.seed, campaign.public_number, ranks)


def draw_told(campaign: Campaign) -> Draw:
    """The draw as it was run, with the tickets of homes erased since; before a run, that of all wishes."""
    if campaign.fingerprint:
        ranks = _ranks_run(campaign.pk, campaign.fingerprint)
        return Draw(campaign.seed, campaign.public_number, ranks)
    tickets = Wish.objects.filter(campaign=campaign).order_by().values_list("ticket", flat=True)
    return draw_of(campaign, tickets)


@lru_cache(maxsize=4)
def _ranks_run(campaign_id: int, _fingerprint: str) -> Mapping[str, int]:
    """Of the file of that fingerprint, which is long to read."""
    file = Campaign.objects.values_list("file", flat=True).get(pk=campaign_id)
    ranks: dict[str, int] = json.loads(file)["ranks"]
    return ranks


@dataclass(slots=True)
class _Home:
    """`units`: by child, the openings of each unit that it may still have."""

    seekers: dict[int, Seeker]
    units: dict[int, Mapping[Unit, tuple[Opening, ...]]]


def _home(campaign: Campaign, wish: Wish, openings: Sequence[Opening], now: datetime) -> _Home:
    actor = in_the_name_of(wish.family_id)
    asked = {line.child_id for line in wish.lines.all()}
    children = [pk for pk in bookable_ids(actor, local(now).date()) if pk in asked]
    units = {(line.day, line.slot_id) for line in wish.lines.all()}
    slots = {slot_id for _day, slot_id in units}
    wanted = [one for one in openings if one.slot.id in slots]
    if not children or not wanted:
        return _Home({}, {})
    facts = facts_for(actor, children, wanted, now)
    weekly = campaign.unit == Campaign.Unit.WEEK
    offers = {pk: offer_of(facts, pk, wanted, weekly=weekly, now=now) for pk in children}
    found = {pk: Seeker(0, Standing(facts, now), pk, _on(facts, pk)) for pk in children}
    return _Home(found, {pk: offers[pk].units for pk in children})


def _on(facts: Facts, child_id: int) -> frozenset[int]:
    """The quotas on which a child is already."""
    holding = [place.opening_id for place in facts.places.get(child_id, ()) if place.holds]
    return frozenset(pk for opening_id in holding for pk in facts.quotas_of.get(opening_id, ()))


def _seekers_told(homes: Sequence[_Home]) -> None:
    """A child has one number and one time, whichever of its homes asks."""
    numbers: dict[int, int] = {}
    wanted: dict[int, dict[int, Opening]] = {}
    for home in homes:
        for child_id, seeker in sorted(home.seekers.items()):
            seeker.number = numbers.setdefault(child_id, len(numbers) + 1)
            seeker.wanted = wanted.setdefault(child_id, {})


def _choices(wish: Wish, home: _Home, pool: Pool) -> tuple[Choice, ...]:
    """A choice for all children together, or one for each, in the order of the home."""
    most = None if wish.most == 1 else wish.most
    by_choice = groupby(sorted(wish.lines.all(), key=_order), key=lambda line: line.order)
    return tuple(Choice(tuple(_plans(list(rows), home, pool)), most) for _order_, rows in by_choice)


def _order(line: WishLine) -> tuple[int, int, Any, int, int]:
    return line.order, line.rank, line.day, line.slot_id, line.child_id


def _all_wanted(lines: Iterable[WishLine], home: _Home) -> None:
    for line in lines:
        for opening in home.units.get(line.child_id, {}).get(Unit(line.day, line.slot_id), ()):
            home.seekers[line.child_id].wanted[opening.id] = opening


def _plans(lines: Sequence[WishLine], home: _Home, pool: Pool) -> Iterable[Plan]:
    """A plan of which a part may not be had any more stays in the file, with a place of which there is none:
    the answer says so."""
    for rank, rows in groupby(lines, key=lambda line: line.rank):
        needs: Counter[str] = Counter()
        openings: dict[int, list[Opening]] = defaultdict(list)
        for line in rows:
            there = home.units.get(line.child_id, {}).get(Unit(line.day, line.slot_id), ())
            openings[line.child_id] += there
            if not there:
                pool.places.setdefault(GONE, 0)
                needs[GONE] = 1
        for child_id, wanted in openings.items():
            if wanted:
                needs += pool.needs(home.seekers[child_id], wanted)
        yield Plan(str(rank), dict(sorted(needs.items())))


def _late(campaign: Campaign, wish: Wish) -> datetime | None:
    """None for who came while all are equal."""
    if campaign.early_until is None or universal(wish.came_at) < universal(campaign.early_until):
        return None
    return wish.came_at


def _names(quotas: Mapping[int, Quota]) -> dict[int, str]:
    rows = QuotaRow.objects.filter(pk__in=quotas).select_related("gauge")
    return {row.pk: _name(row.gauge.name, row.day.isoformat(), row.part, row.pk) for row in rows}


def _name(gauge: str, day: str, part: int, pk: int) -> str:
    hour = "" if part < 0 else f" {part // 2:02}:{part % 2 * 30:02}"
    return f"{gauge} · {day}{hour} · {pk}"


def _hours(opening: Opening) -> Hours:
    return Hours(opening.starts_at, opening.ends_at)


@transaction.atomic
def _keep(actor: Actor, done: Run, now: datetime) -> Campaign:
    """Write a run, if it is of the homes that there are still."""
    homes_locked(Wish.objects.filter(campaign=done.campaign).order_by().values("family_id"))
    row = campaign_locked(actor, done.campaign.pk, State.CLOSED, State.SIMULATED)
    if row.run_asked_at != done.campaign.run_asked_at:
        raise CampaignRefused("moved")
    wishes = list(wishes_of(row.pk))
    askers = {asker.ticket: asker for asker in done.askers}
    if {wish.ticket for wish in wishes} != set(askers):
        raise CampaignRefused("moved")
    file = done.file
    row.file, row.fingerprint, row.verified = file.decode(), fingerprint(file), ""
    row.state, row.simulated_at = State.SIMULATED, now
    row.run_asked_at, row.run_refused = None, ""
    row.save()
    answers = {answer.ticket: answer for answer in done.done.answers}
    lines = []
    for wish in wishes:
        answer, held = answers[wish.ticket], done.held[wish.ticket]
        wish.tier, wish.points, wish.turn, wish.faults = held.tier, held.points, answer.turn, []
        wish.met = [one.label for one in held.met]
        wish.blocked = [blocked_told(one) for one in blocked(askers[wish.ticket], answer, done.done.room)]
        lines += _outcomes(wish, answer)
    AnswerMove.objects.filter(wish__campaign=row).delete()
    Wish.objects.bulk_update(wishes, ["tier", "points", "met", "turn", "blocked", "faults"], batch_size=200)
    WishLine.objects.bulk_update(lines, ["outcome"], batch_size=500)
    data = {"fingerprint": row.fingerprint, "homes": len(wishes)}
    record(actor=actor, verb=SIMULATED, subject=subject_of(row), data=data, now=now)
    return row


def _outcomes(wish: Wish, answer: Answer) -> list[WishLine]:
    lines = sorted(wish.lines.all(), key=_order)
    orders = sorted({line.order for line in lines})
    for line in lines:
        given = answer.given[orders.index(line.order)]
        line.outcome = WishLine.Outcome.GIVEN if str(line.rank) in given else WishLine.Outcome.NONE
    return lines


def blocked_told(one: Blocked) -> dict[str, Any]:
    """As a row keeps it: the choice, the rank, what lacked, and until which turn it would have been had."""
    return {
        "choice": one.choice,
        "rank": int(one.plan),
        "last_turn": one.last_turn,
        "lacks": [
            {"place": lack.place, "needed": lack.needed, "left": lack.left, "by_home": lack.by_home}
            for lack in one.lacks
        ],
    }
