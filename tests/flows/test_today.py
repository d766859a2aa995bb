"""The day of a request is reckoned once, when it arrives."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import time_machine
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from marelle.flows.actor import middleware

MARELLE = Path(middleware.__file__).parents[2]


@time_machine.travel("2026-11-28T23:30:00+00:00", tick=False)
def test_the_day_is_the_one_here_and_not_that_of_greenwich():
    seen = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.today)
        return HttpResponse()

    middleware.ActorMiddleware(view)(RequestFactory().get("/"))
    assert seen == [date(2026, 11, 29)]


def test_no_screen_reckons_it_again():
    again = [
        str(path.relative_to(MARELLE))
        for path in sorted(MARELLE.rglob("*.py"))
        if "local(request.now)" in path.read_text()
    ]
    assert again == ["flows/actor/middleware.py"]
