"""On which days an account has worked for which authority: what prices of the staff's children stand on."""

from __future__ import annotations

from datetime import date, timedelta

from django.db.models.functions import Coalesce

from marelle.places.models import Employment, Post


def employments_follow(*, user_id: int, day: date) -> None:
    """Begin and end them on `day` as the posts of the account are now: the last day of one that ends is the
    day before. For who changes posts, in its transaction, the account being locked."""
    held = Post.objects.held().filter(user_id=user_id)
    works = set(held.values_list(Coalesce("authority_id", "structure__authority_id"), flat=True)) - {None}
    open_ones = Employment.objects.filter(user_id=user_id, until=None)
    over = open_ones.exclude(authority_id__in=works)
    over.filter(since__gte=day).delete()
    over.update(until=day - timedelta(days=1))
    begun = works.difference(open_ones.values_list("authority_id", flat=True))
    Employment.objects.bulk_create(Employment(user_id=user_id, authority_id=pk, since=day) for pk in begun)


def employments_move(*, user_id: int, into_id: int) -> None:
    """Those of an account that another takes the place of."""
    Employment.objects.filter(user_id=user_id).update(user_id=into_id)
