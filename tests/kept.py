"""Places kept for some, as most tests need them: straight to the table."""

from __future__ import annotations

from datetime import time
from typing import Any

from marelle.activities.catalogue import definition_changed
from marelle.activities.models import Activity, Gauge, KeptPlaces
from tests.offer import LONG_AGO


def kept_given(activity: Activity, gauge: Gauge, places: int = 1, **fields: Any) -> KeptPlaces:
    """For children whom agents name, until the day before at 18 h, unless `fields` say otherwise. Nothing
    follows in the quotas."""
    at = {} if "release_at" in fields else {"release_time": time(18)}
    row = KeptPlaces.objects.create(
        **{
            "activity": activity,
            "gauge": gauge,
            "name": "Suivi social",
            "places": places,
            "audience": "named",
            "since": LONG_AGO,
            **at,
            **fields,
        }
    )
    definition_changed(Activity.objects.filter(pk=activity.pk))
    return row
