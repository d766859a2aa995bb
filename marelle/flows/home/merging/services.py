"""Making one file of two, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import QuerySet

from marelle.accounts.services import account_merge
from marelle.bookings.saving.alone import alone_ask, bookings_alone
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.personal import Merge, declared
from marelle.core.subject import Subject
from marelle.families.fields import BY_CODE, Kind
from marelle.families.file.reading import last_quotient, last_residence
from marelle.families.file.values import Value
from marelle.families.file.writing import amount_of, residence_put, value_write
from marelle.families.finding.index import families_index
from marelle.families.incomes.rules import IncomeKind
from marelle.families.incomes.writing import income_put
from marelle.families.locks import files_locked
from marelle.families.models import Family, FormerFile, Income, Member, Person, Residence
from marelle.families.telling import service_contacts, tell_home
from marelle.flows.home.merging.matching import Difference, Side, said, sides
from marelle.flows.home.merging.preview import HOME_NAME, Preview, files_to_merge, preview_of
from marelle.flows.home.merging.refusals import AlreadyMerged, MergeRefused
from marelle.flows.home.merging.rows import move, pointing_models, still_pointing
from marelle.flows.home.merging.settling import Settling, settle_all
from marelle.flows.home.personal_rows import rows_of
from marelle.journal.services import record
from marelle.places.models import Post
from marelle.places.posts.employments import employments_move

MERGED = "family.merged"
WHERE = ("street", "postal_code", "city")


@dataclass(frozen=True, slots=True)
class Merged:
    """`already`: the two were one before, as when the same form is sent twice."""

    family_id: int
    already: bool = False


def family_merge(
    *,
    actor: Actor,
    kept_id: int,
    left_id: int,
    pairs: Mapping[int, int],
    chosen: Mapping[str, str],
    fingerprint: str,
    now: datetime,
) -> Merged:
    """Make the file `left_id` part of `kept_id`: its people, all that points at it or at them, its number.

    `pairs` says who of the file left is whom of the file kept, `chosen` the side of each difference by its
    key. `fingerprint` is that of the preview read. Both homes' adults are told, and keep their accounts.
    Raises `NotYours`, `MergeRefused`.
    """
    try:
        with transaction.atomic():
            return _merge(actor, kept_id, left_id, pairs, chosen, fingerprint, now)
    except AlreadyMerged as done:
        return Merged(done.data["family_id"], already=True)


def _merge(
    actor: Actor,
    kept_id: int,
    left_id: int,
    pairs: Mapping[int, int],
    chosen: Mapping[str, str],
    fingerprint: str,
    now: datetime,
) -> Merged:
    files_to_merge(actor, kept_id, left_id, now)
    files_locked(kept_id, left_id)
    kept, left = files_to_merge(actor, kept_id, left_id, now)
    preview = preview_of(kept, left, pairs, now)
    if preview.fingerprint != fingerprint:
        raise MergeRefused("stale")
    wanted = sides(preview.differences, chosen)
    children = {*preview.pairs, *preview.pairs.values()}
    alone = bookings_alone(children, now=now)
    settle_all(Settling(actor, preview.moves, now))
    _drop(left.pk, preview)
    for model in pointing_models():
        move(model, preview.moves)
    alone_ask(sorted(bookings_alone(preview.pairs.values(), now=now) - alone), now=now)
    _accounts(preview)
    _values(kept, preview, wanted, local(now).date())
    _forget(left, kept, preview, actor, now)
    _tell(kept, left, preview, actor, now)
    return Merged(kept.pk)


def _drop(left_id: int, preview: Preview) -> None:
    people = {one.id for one in preview.left.people}
    for declaration in declared():
        if declaration.merge is Merge.DROP:
            rows_of(declaration, family_id=left_id, people=people).order_by().delete()


def _accounts(preview: Preview) -> None:
    """Of one person's two accounts, both names open the one that works here, else the one used last."""
    for old_id, new_id in preview.pairs.items():
        old, new = (Person.objects.select_related("account").get(pk=pk) for pk in (old_id, new_id))
        if old.account is None:
            continue
        mine, other = new.account, old.account
        Person.objects.filter(pk=old_id).update(account=None)
        if mine is None:
            Person.objects.filter(pk=new_id).update(account=other)
            continue
        working = set(Post.objects.filter(user__in=(mine, other)).values_list("user_id", flat=True))
        if {mine.pk, other.pk} <= working:
            raise MergeRefused("two_agents")
        used = sorted(
            (mine, other),
            key=lambda user: (
                user.pk in working,
                user.is_active,
                user.last_login is not None,
                user.last_login or user.created_at,
            ),
        )
        Person.objects.filter(pk=new_id).update(account=used[1])
        account_merge(user_id=used[0].pk, into_id=used[1].pk)
        employments_move(user_id=used[0].pk, into_id=used[1].pk)


def _values(kept: Family, preview: Preview, wanted: Mapping[str, Side], day: date) -> None:
    """What the agent chose, or what was newer, holds in the file that stays."""
    people = Person.objects.in_bulk(preview.pairs.values())
    for difference in preview.differences:
        value = difference.left if wanted[difference.key] == "left" else difference.kept
        if difference.code == HOME_NAME:
            kept.name = value["value"]
            kept.save(update_fields=["name"])
            continue
        field = BY_CODE[difference.code]
        if field.kind in (Kind.ADDRESS, Kind.INCOME):
            _dated(kept, difference, value, day)
        else:
            left_id = difference.left_id
            person = people[preview.pairs[left_id]] if left_id is not None else None
            value_write(field, kept, person, value, source="", day=day)


def _dated(kept: Family, difference: Difference, value: Value, day: date) -> None:
    """The value chosen holds from today on, where the rows of both files make another one the last."""
    if not said(value):
        return
    if BY_CODE[difference.code].kind is Kind.ADDRESS:
        home = last_residence(kept.pk)
        if home is not None and any(getattr(home, part) != value[part] for part in WHERE):
            same = Residence.objects.filter(family=kept, **{part: value[part] for part in WHERE})
            residence_put(kept, value, since=max(day, home.since), source=_source(same))
        return
    if value["amount"]:
        _income(kept, amount_of(value), day)


def _income(kept: Family, amount: Decimal, day: date) -> None:
    last = last_quotient(kept.pk)
    if last is None or last.told.amount == amount:
        return
    rows = Income.objects.filter(family=kept, kind=IncomeKind.QUOTIENT, authority=None)
    known = next((row for row in rows if row.told.amount == amount), last)
    since = max(day, last.since)
    income_put(kept.pk, IncomeKind.QUOTIENT, known.told, since=since, source=known.source)


def _source(rows: QuerySet[Residence]) -> str:
    """On what the value chosen rests: what proved the other file's proves nothing of it."""
    return rows.order_by("-since", "-pk").values_list("source", flat=True).first() or ""


def _forget(left: Family, kept: Family, preview: Preview, actor: Actor, now: datetime) -> None:
    """The file left goes, once nothing is its own any more; its number and its address find the one kept."""
    remaining = list(still_pointing(preview.moves))
    if remaining:
        raise RuntimeError(f"A merge would lose rows of {remaining}")
    FormerFile.objects.create(
        family=kept,
        old_id=left.pk,
        number=left.number,
        name=left.name,
        merged_at=now,
        merged_by=actor.label[:200],
    )
    Person.objects.filter(pk__in=preview.pairs).delete()
    Family.objects.filter(pk=left.pk).delete()
    gone = (kept.left_on, left.left_on)
    kept.left_on = max(gone) if all(gone) else None  # type: ignore[type-var]
    kept.created_at = min(kept.created_at, left.created_at)
    kept.save(update_fields=["left_on", "created_at"])
    homes = Member.objects.filter(person_id__in=preview.pairs.values()).values_list("family_id", flat=True)
    families_index({kept.pk, *homes}, day=local(now).date())


def _tell(kept: Family, left: Family, preview: Preview, actor: Actor, now: datetime) -> None:
    record(
        actor=actor,
        verb=MERGED,
        subject=Subject("family", kept.pk, f"{left.name} ({left.number})"),
        family_id=kept.pk,
        data={
            "number": left.number,
            "people": sorted(preview.pairs.items()),
            "bookings_ended": preview.bookings_ended,
            "enrolments_joined": preview.enrolments_joined,
        },
        now=now,
    )
    context = {
        "number": kept.number,
        "former": left.number,
        "bookings_ended": preview.bookings_ended,
        **service_contacts(),
    }
    tell_home(kind="families/files_merged", context=context, family_id=kept.pk, now=now)
