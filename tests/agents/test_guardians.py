"""Rights of an adult over a child: written from a date, never over what a colleague wrote meanwhile."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime

import pytest
from django.test import Client

from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.families.models import Guardianship
from marelle.journal.models import Entry
from marelle.places.models import Post
from tests.scenario import Scenario
from tests.standing import built_once

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
ALL = ("has_authority", "may_see", "may_book", "may_fetch", "is_told")

pytestmark = pytest.mark.django_db


class Village(Scenario):
    """Hugo lives with Camille, and is nothing to Zoé yet."""

    def __init__(self) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé")
        self.camille, self.hugo = self.durand.adult, self.adult(self.durand, "Hugo")
        self.client = Client()
        self.client.force_login(self.staff("guichet", Role.OFFICE))
        self.url = f"/agents/familles/{self.durand.family.pk}/responsables/{self.zoe.pk}/"

    def typed(self, **changes: str) -> dict[str, str]:
        """What the page shows, sent back with changes ("-name" for a box taken off)."""
        rows = self.client.get(self.url).context["rows"]
        shown = {
            form.add_prefix(name): "on" if value is True else str(value)
            for form in rows
            for name, value in form.initial.items()
            if value is not False
        }
        return {"since": "2026-12-01", **shown, **changes}

    def post(self, typed: dict[str, str]):
        return self.client.post(self.url, typed)

    def held(self, adult) -> list[tuple[date, date | None, str, str]]:
        rows = Guardianship.objects.filter(adult=adult, child=self.zoe).order_by("since")
        return [
            (row.since, row.until, row.link, " ".join(name for name in ALL if getattr(row, name)))
            for row in rows
        ]


built = built_once(Village, now=NOW)


@pytest.fixture
def village(built, db, time_machine) -> Village:
    time_machine.move_to(NOW)
    return deepcopy(built)


def test_rights_change_from_a_date_and_the_former_ones_stay_until_then(village):
    camille, hugo = f"adulte{village.camille.pk}", f"adulte{village.hugo.pk}"
    typed = village.typed(**{f"{hugo}-link": "step_parent", f"{hugo}-may_fetch": "on"})
    del typed[f"{camille}-may_book"]
    assert village.post(typed).status_code == 302
    ((first_since, first_until, _link, _rights), (since, until, link, rights)) = village.held(village.camille)
    assert (first_until, since, until) == (date(2026, 11, 30), date(2026, 12, 1), None)
    assert first_since < first_until
    assert (link, rights) == ("mother", "has_authority may_see may_fetch is_told")
    assert village.held(village.hugo) == [(date(2026, 12, 1), None, "step_parent", "may_fetch")]
    told = {entry.data["adult"]: entry.data["fields"] for entry in Entry.objects.filter(verb="guardians.set")}
    assert told == {village.camille.pk: ["may_book"], village.hugo.pk: ["link", "may_fetch"]}
    page = village.client.get(f"/agents/familles/{village.durand.family.pk}/").content.decode()
    assert "ne réserve pas" not in page  # it begins in December


def test_no_link_ends_everything_and_the_same_day_again_replaces(village):
    hugo = f"adulte{village.hugo.pk}"
    village.post(village.typed(**{f"{hugo}-link": "father", f"{hugo}-may_see": "on"}))
    village.post(village.typed(**{f"{hugo}-link": "father", f"{hugo}-may_fetch": "on"}))
    assert village.held(village.hugo) == [(date(2026, 12, 1), None, "father", "may_see may_fetch")]
    village.post(village.typed(**{f"{hugo}-link": "", "since": "2027-01-01"}))
    assert village.held(village.hugo) == [
        (date(2026, 12, 1), date(2026, 12, 31), "father", "may_see may_fetch")
    ]


def test_sent_twice_or_unchanged_it_writes_nothing_more(village):
    assert village.post(village.typed()).status_code == 302
    assert not Entry.objects.filter(verb="guardians.set").exists()


def test_a_stale_page_overwrites_nothing(village):
    hugo = f"adulte{village.hugo.pk}"
    old = village.typed(**{f"{hugo}-link": "father"})
    village.post(village.typed(**{f"{hugo}-link": "step_parent", f"{hugo}-may_fetch": "on"}))
    page = village.post(old).content.decode()
    assert "Un collègue a changé ces droits entre-temps" in page
    assert village.held(village.hugo) == [(date(2026, 12, 1), None, "step_parent", "may_fetch")]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"since": ""}, "Donnez une date."),
        ({"since": "2019-01-01"}, "Une information plus récente existe"),
        ({"hugo-link": "aunt"}, "n’est pas"),
        ({"hugo-link": "father", "hugo-may_book": "on"}, "Pour réserver, il faut voir le dossier."),
    ],
)
def test_what_is_wrong_is_said(village, changes, said):
    camille, hugo = f"adulte{village.camille.pk}", f"adulte{village.hugo.pk}"
    typed = village.typed(**{name.replace("hugo", hugo): value for name, value in changes.items()})
    typed.pop(f"{camille}-is_told")
    answer = village.post(typed)
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert village.held(village.hugo) == []


def test_never_of_ones_own_child_nor_of_a_child_of_elsewhere(village):
    martin = village.home("Martin", "Sacha")
    other = f"/agents/familles/{martin.family.pk}/responsables/{village.zoe.pk}/"
    assert village.client.get(other).status_code == 404
    village.shared(village.zoe, village.durand, martin)
    Post.objects.create(user=martin.user, role="office", authority=village.the_authority)
    hugo = f"adulte{village.hugo.pk}"
    typed = village.typed(**{f"{hugo}-link": "father"})
    village.client.force_login(martin.user)
    assert "votre propre famille" in village.post(typed).content.decode()
    assert village.held(village.hugo) == []
