"""Runs of campaigns that agents left to the worker, as many homes ask for something."""

from __future__ import annotations

from datetime import datetime

from marelle.campaigns.models import Campaign
from marelle.campaigns.running import run_asked
from marelle.flows.actor.actors import account_with_actor


def campaign_runs(*, now: datetime) -> int:
    """Do each that is asked for. Returns how many are done."""
    done = 0
    for row in Campaign.objects.exclude(run_asked_at=None).order_by("run_asked_at").defer("file"):
        user = account_with_actor(row.run_account_id or 0)
        actor = user.actor if user is not None and user.is_active else None
        done += run_asked(row, actor, now=now)
    return done
