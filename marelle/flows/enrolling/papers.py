"""Papers without which an activity takes no request, told before anybody asks for it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from marelle.activities.selectors import schools_served
from marelle.core.actor import Actor
from marelle.core.clock import local
from marelle.core.prepared import prepared
from marelle.enrolments.offers import askers, facts_of
from marelle.enrolments.rules import Reason, may_ask
from marelle.enrolments.selectors import enrolments_of
from marelle.families.selectors import children, people_seen
from marelle.flows.enrolling.asking import offered_lines
from marelle.papers.models import PaperNeed
from marelle.papers.rules import Effect
from marelle.papers.selectors import Asked, Requirement, requirements


def papers_before_request(actor: Actor, *, now: datetime) -> list[Requirement]:
    """What is still to be sent before the children of the actor's home may be asked for where they could be;
    nine queries at most, one where no activity asks for a paper first."""
    day = local(now).date()
    needs: dict[int, list[PaperNeed]] = {}
    for need in _blocking_needs():
        needs.setdefault(need.activity_id, []).append(need)
    kids = [child for child in children(actor, day=day) if child.may_book] if needs else []
    if not kids:
        return []
    asking = askers(kids, enrolments_of(actor, [child.id for child in kids], day=day), day)
    lines = [line for line in offered_lines(actor.family_id, day) if line.pk in needs]
    served = schools_served(day)
    asked = []
    for asker in asking:
        for line in lines:
            denial = may_ask(facts_of(asker, line, schools=served.get(line.pk, ()), today=day), now)
            if denial is None or denial.reason is Reason.NOT_OPEN_YET:
                asked += [
                    Asked(one.paper_type, asker.child.id, one.activity.name, Effect.BLOCKS_REQUEST, None)
                    for one in needs[line.pk]
                ]
    people = {row.person_id for row in people_seen(actor, day)}
    found = requirements(asked, family_id=actor.home_id, people=people, day=day)
    return [one for one in found if one.is_open]


@prepared
def _blocking_needs() -> QuerySet[PaperNeed]:
    needs = PaperNeed.objects.filter(effect=Effect.BLOCKS_REQUEST, paper_type__active=True)
    return needs.select_related("paper_type__authority", "activity")
