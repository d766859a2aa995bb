"""An activity whose prices the agent sets, as the office of its authority."""

from __future__ import annotations

from django.http import Http404

from marelle.activities.models import Activity
from marelle.activities.services import kept_by
from marelle.flows.actor.middleware import MarelleRequest
from marelle.places.scope import is_office_of


def office_activity(request: MarelleRequest, activity_id: int) -> Activity:
    """With its structure; 404 for any other."""
    activity = kept_by(request.actor, Activity).select_related("structure").filter(pk=activity_id).first()
    if activity is None or not is_office_of(request.actor, activity.structure.authority_id):
        raise Http404
    return activity
