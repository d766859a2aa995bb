"""A family that is there twice, and the two files made one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from marelle.activities.models import Quota
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.core.subject import Subject
from marelle.flows.actor.actors import actor_for
from marelle.flows.home.merging.preview import merge_preview
from marelle.flows.home.merging.refusals import MergeRefused
from marelle.flows.home.merging.services import Merged, family_merge
from tests.scenario import Home, Scenario

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)
WEDNESDAY = date(2026, 12, 2)


class Twice(Scenario):
    """The Haddads are there twice: Rachid wrote the first file, Amina the second; Inès is in both."""

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.left = self.home("Haddad", "Rachid"), self.home("HADDAD", "Amina")
        self.ines = self.child(self.kept, "Inès", born=date(2018, 5, 14))
        self.twin = self.child(self.left, "Ines", born=date(2018, 5, 14), last_name="Haddad")
        self.sami = self.child(self.left, "Sami", born=date(2021, 2, 3), last_name="Haddad")
        self.wednesdays = self.activity()
        self.morning = self.slot(self.wednesdays, "Matin", capacity=10)
        (self.first_wednesday,) = self.openings(self.wednesdays, WEDNESDAY)
        self.office = actor_for(self.staff("guichet", Role.OFFICE))

    def merge(self, **changes: Any) -> Merged:
        given: dict[str, Any] = {
            "actor": self.office,
            "kept_id": self.kept.family.pk,
            "left_id": self.left.family.pk,
        }
        given |= {name: changes.pop(name) for name in ("actor", "kept_id", "left_id") if name in changes}
        pairs = changes.pop("pairs", None)
        if "fingerprint" not in changes:
            preview = merge_preview(**given, pairs=pairs, now=NOW)
            changes = {"fingerprint": preview.fingerprint, **changes}
            pairs = preview.pairs
        return family_merge(**given, pairs=pairs or {}, **{"chosen": {}, "now": NOW, **changes})

    def both_enrolled(self) -> None:
        for child, home in ((self.ines, self.kept), (self.twin, self.left)):
            self.enrolment(child, self.wednesdays, home)

    def taken(self) -> int:
        return Quota.objects.get(openings=self.first_wednesday).taken

    def case(self, kind: str, subject_id: int, home: Home) -> Case:
        return open_case(
            actor=home.actor, kind=kind, subject=Subject(kind, subject_id), family_id=home.family.pk, now=NOW
        )


def refusal_of(call: Any) -> str:
    with pytest.raises(MergeRefused) as refused:
        call()
    return refused.value.code
