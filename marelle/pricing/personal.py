"""How the personal data of this package is exported, merged, erased and kept."""

from __future__ import annotations

from marelle.core.personal import Erase, Keep, Merge, PersonalData, Since, register
from marelle.pricing.models import HomeTrait, Subscription

AFTER_LEAVING = Keep(months=24, since=Since.LEFT)

register(
    PersonalData(
        model=HomeTrait,
        path="family",
        export=("authority", "child", "kind", "since", "until", "reason", "noted_at", "noted_by"),
        unexported={"what a decision changes, told with each price": ("adjustment",)},
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
    PersonalData(
        model=Subscription,
        path="family",
        export=("child", "product", "since", "until", "noted_at", "noted_by"),
        merge=Merge.MOVE,
        erase=Erase.DELETE,
        keep=AFTER_LEAVING,
    ),
)
