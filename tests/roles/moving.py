"""Who may bring files of another software."""

from __future__ import annotations

from tests.roles.answers import DECIDED_BY_OFFICE, KEPT_BY_OFFICE, NOBODY

MOVING = {
    ("GET", "/agents/familles/reprise/"): "in 403 403 403 403 403 200 200 200 404",
    ("POST", "/agents/familles/reprise/"): NOBODY,
    ("GET", "/agents/familles/reprise/<slug:moving_kind>/"): "in 403 403 403 403 403 200 200 200 404",
    ("POST", "/agents/familles/reprise/<slug:moving_kind>/"): "in 403 403 403 403 403 200 200 200 404",
    ("GET", "/agents/familles/reprise/<slug:moving_kind>/modele/"): "in 403 403 403 403 403 200 200 200 404",
    ("POST", "/agents/familles/reprise/<slug:moving_kind>/modele/"): NOBODY,
    ("GET", "/agents/familles/reprise/<id:moving_id>/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/reprise/<id:moving_id>/"): DECIDED_BY_OFFICE,
    ("GET", "/agents/familles/reprise/<id:moving_id>/rapport/"): KEPT_BY_OFFICE,
    ("POST", "/agents/familles/reprise/<id:moving_id>/rapport/"): NOBODY,
    ("GET", "/agents/familles/reprise/<id:moving_id>/oublier/"): NOBODY,
    ("POST", "/agents/familles/reprise/<id:moving_id>/oublier/"): DECIDED_BY_OFFICE,
}
