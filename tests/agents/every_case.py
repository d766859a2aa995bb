"""A case of each kind that the desk shows, all of the Durand home or its child, and how each is refused."""

from __future__ import annotations

from typing import Any

from marelle.agents.cases import case_url
from marelle.attendance.models import Tick
from marelle.cases.models import Case
from marelle.cases.services import open_case
from marelle.core.actor import SYSTEM
from marelle.core.subject import Subject
from marelle.families.models import ChangeRequest
from marelle.journal.origin import Origin
from marelle.messaging.services import Recipient, thread_open
from marelle.messaging.writing import Letter
from marelle.papers.models import PaperPage
from tests.apart import Apart
from tests.roles.world import NOW


class EveryCase(Apart):
    """`case(kind)` waits; `no(kind)` is where an agent says no to it, and with what."""

    def __init__(self) -> None:
        super().__init__()
        thread_open(
            actor=self.durand.actor,
            recipient=Recipient(self.the_structure.pk),
            subject="Bonnet",
            letter=Letter("Où est-il ?", ()),
            origin=Origin(),
            now=NOW,
        )
        open_case(
            actor=SYSTEM,
            kind="place",
            subject=Subject("opening", int(self.ids["waited_id"]), "Mercredi"),
            authority_id=self.the_authority.pk,
            structure_id=self.the_structure.pk,
            now=NOW,
        )

    def case(self, kind: str) -> Case:
        return Case.objects.filter(kind=kind).earliest("pk")

    def no(self, kind: str) -> tuple[str, dict[str, Any]]:
        case = self.case(kind)
        page, pk = case_url(case), case.subject_id
        reason = {"reason": "Non."}
        pages = PaperPage.objects.filter(paper_id=pk).values_list("pk", flat=True)
        seen = " ".join(str(one) for one in pages)
        waiting = ChangeRequest.objects.filter(family=self.durand.family, state="open")
        change = {f"{one}-answer": "later" for one in waiting.values_list("pk", flat=True)}
        change |= {f"{pk}-answer": "refuse", f"{pk}-reason": "Non.", f"{pk}-current": "{}"}
        return {
            "enrolment": (f"{page}refuser/", reason),
            "end": (f"{page}refuser/", reason),
            "paper": (f"{page}refuser/", {**reason, "seen": seen}),
            "change": (page, change),
            "booking": (page, {**reason, "answer": "refuse"}),
            "absence": (page, {**reason, "answer": "refuse"}),
            "mismatch": (page, {**reason, "answer": "refuse"}),
            "no_show": (page, {"answer": "leave"}),
            "call": (page, {"outcome": "reached", "note": ""}),
            "alone": (page, {}),
            "least": (page, {}),
            "place": (page, {"leave": "1"}),
            "care": (f"{page}reponse/", {"outcome": "closed", "answer": "Rien pour l’instant."}),
            "message": (f"{page}clore/", {}),
            "gauge": (page, {"vu": "24", "capacity": "16"}),
            "contest": (page, {**reason, "answer": "refuse"}),
            "arrival": (page, reason),
            "erasure": (page, reason),
            "attendance": (
                page,
                {
                    "tick": str(Tick.objects.to_settle().values_list("pk", flat=True).first()),
                    "answer": "aside",
                },
            ),
        }[kind]
