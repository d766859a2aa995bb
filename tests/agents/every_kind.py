"""One case of each kind that an activity gives rise to, of one home and one child."""

from __future__ import annotations

from datetime import date, datetime

from marelle.activities.kinds import BookingMode
from marelle.activities.models import Activity, Opening
from marelle.bookings.absences.services import absences_declare
from marelle.bookings.models import AbsenceProof, BookingRequest
from marelle.bookings.saving.ledger import Change
from marelle.bookings.saving.services import bookings_save
from marelle.core.actor import Role
from marelle.core.clock import PARIS
from marelle.enrolments.models import Enrolment
from marelle.enrolments.services import Terms, end_ask, enrolment_refuse, enrolment_request
from marelle.files.fields import checked
from marelle.flows.actor.actors import actor_for
from tests.offer import LAST_DAY
from tests.scenario import Scenario, picture

NOW = datetime(2026, 11, 25, 21, 14, tzinfo=PARIS)

KINDS = ("enrolment", "end", "call", "booking", "absence")


class EveryKind(Scenario):
    """`pages` are the addresses of the cases, `answers` what an agent posts where to say no, by kind."""

    def __init__(self, **fields: str) -> None:
        super().__init__()
        self.durand = self.home("Durand", "Camille")
        self.zoe = self.child(self.durand, "Zoé", born=date(2019, 3, 4))
        office = actor_for(self.staff("guichet", Role.OFFICE))
        asked, refused = (self._ask(name, **fields) for name in ("Mercredis", "Ateliers"))
        enrolment_refuse(actor=office, enrolment_id=refused.pk, reason="Plus de place.", now=NOW)
        accepted = self.enrolment(self.zoe, self.activity("Sorties", **fields), self.durand)
        end = end_ask(
            actor=self.durand.actor,
            enrolment_id=accepted.pk,
            last_day=date(2026, 12, 18),
            comment="Nous déménageons.",
            now=NOW,
        )
        self._book(**fields)
        self.pages = {
            "enrolment": f"/agents/inscriptions/{asked.pk}/",
            "end": f"/agents/fins/{end.pk}/",
            "call": f"/agents/appels/{refused.pk}/",
            "booking": f"/agents/reservations/demandes/{BookingRequest.objects.get().pk}/",
            "absence": f"/agents/reservations/absences/{AbsenceProof.objects.get().pk}/",
        }
        no = {"reason": "Non.", "answer": "refuse"}
        self.answers = {
            "enrolment": (f"{self.pages['enrolment']}refuser/", no),
            "end": (f"{self.pages['end']}refuser/", no),
            "call": (self.pages["call"], {"outcome": "reached", "note": ""}),
            "booking": (self.pages["booking"], no),
            "absence": (self.pages["absence"], no),
        }

    def _ask(self, name: str, **fields: str) -> Enrolment:
        return enrolment_request(
            actor=self.durand.actor,
            person_id=self.zoe.pk,
            activity_id=self.activity(name, **fields).pk,
            terms=Terms(date(2026, 12, 2), LAST_DAY, {}),
            now=NOW,
        )

    def another_place(self) -> Change:
        """The same place asked for, a week later."""
        activity = Activity.objects.get(name="Goûters")
        (opening,) = self.openings(activity, date(2026, 12, 10))
        return Change(self.zoe.pk, opening.pk, seen=False, wanted=True)

    def _book(self, **fields: str) -> None:
        """A place asked for, and another, tomorrow, that the child will miss, with its proof."""
        asked = self._on("Goûters", date(2026, 12, 3), booking_mode=BookingMode.VALIDATED, **fields)
        change = Change(self.zoe.pk, asked.pk, seen=False, wanted=True)
        bookings_save(actor=self.durand.actor, changes=[change], now=NOW)
        missed = self.booking(self.zoe, self._on("Étude", date(2026, 11, 26), **fields))
        absences_declare(actor=self.durand.actor, booking_ids=[missed.pk], proof=checked(picture()), now=NOW)

    def _on(self, name: str, day: date, **fields: str) -> Opening:
        activity = self.activity(name, **fields)
        self.slot(activity, name, weekdays=[day.weekday()], capacity=10)
        self.rule(activity, absence_proof_hours=48)
        self.enrolment(self.zoe, activity, self.durand)
        (opening,) = self.openings(activity, day)
        return opening
