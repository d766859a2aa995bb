"""How a campaign serves homes, beside the one before."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from marelle.campaigns.models import Campaign, Wish, WishLine

Outcome = WishLine.Outcome


@dataclass(frozen=True, slots=True)
class Served:
    """Homes: all that asked, those that have the first of their wishes, another alone, none."""

    name: str
    homes: int
    first: int
    other: int

    @property
    def none(self) -> int:
        return self.homes - self.first - self.other


def served(campaign: Campaign) -> Served:
    """What the last run gives, or what went out; one query."""
    given = WishLine.objects.filter(wish=OuterRef("pk"), outcome=Outcome.GIVEN)
    rows = Wish.objects.filter(campaign=campaign).annotate(
        has_first=Exists(given.filter(rank=1)), has_any=Exists(given)
    )
    found = list(rows.order_by().values_list("has_first", "has_any"))
    first = sum(1 for has_first, _any in found if has_first)
    some = sum(1 for _first, has_any in found if has_any)
    return Served(campaign.name, len(found), first, some - first)


def served_before(campaign: Campaign) -> Served | None:
    """The same of the last one that was published before, of one of its activities; None where there is
    none."""
    done = (Campaign.State.PUBLISHED, Campaign.State.ENDED)
    before = Campaign.objects.filter(
        activities__in=campaign.activities.all(),
        state__in=done,
        published_at__isnull=False,
        first_day__lt=campaign.first_day,
    )
    last = before.exclude(pk=campaign.pk).order_by("-first_day", "-pk").first()
    return served(last) if last is not None else None
