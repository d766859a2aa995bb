from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from marelle.cases.models import Case, CaseState
from marelle.cases.selectors import cases_about, open_cases
from marelle.cases.services import AlreadyDecided, AlreadyOpen, OwnFile, decide_case, open_case
from marelle.core.actor import Actor
from marelle.core.subject import Subject

NOW = datetime(2026, 9, 8, 18, 0, tzinfo=UTC)
PARENT = Actor(user_id=1, label="Camille", family_id=10)
AGENT = Actor(user_id=4, label="Guichet")

pytestmark = pytest.mark.django_db


def a_case(subject_id: int = 1, **scope: Any) -> Case:
    scope = {"family_id": 10, "structure_id": 5, "authority_id": 2, **scope}
    subject = Subject("enrolment", subject_id, "Zoé")
    return open_case(actor=PARENT, kind="enrolment", subject=subject, now=NOW, **scope)


def test_a_case_is_open_once_for_a_subject() -> None:
    first = a_case()
    with pytest.raises(AlreadyOpen):
        a_case()
    decide_case(actor=AGENT, case_id=first.pk, state=CaseState.REFUSED, reason="Dossier incomplet", now=NOW)
    assert a_case().pk != first.pk


def test_the_second_agent_is_told_who_decided() -> None:
    case = a_case()
    decide_case(actor=AGENT, case_id=case.pk, state=CaseState.ACCEPTED, now=NOW)
    with pytest.raises(AlreadyDecided) as refused:
        decide_case(actor=Actor(9, "Direction"), case_id=case.pk, state=CaseState.REFUSED, now=NOW)
    assert refused.value.data == {"state": "accepted", "decided_by": "Guichet", "decided_at": NOW}
    case.refresh_from_db()
    assert case.state == CaseState.ACCEPTED


def test_a_family_withdraws_its_own_request_but_does_not_accept_it() -> None:
    case = a_case()
    with pytest.raises(OwnFile):
        decide_case(actor=PARENT, case_id=case.pk, state=CaseState.ACCEPTED, now=NOW)
    decide_case(actor=PARENT, case_id=case.pk, state=CaseState.WITHDRAWN, now=NOW)
    assert not Case.objects.open().filter(family_id=10).exists()


def test_a_decision_cannot_leave_a_case_open() -> None:
    with pytest.raises(ValueError, match="open"):
        decide_case(actor=AGENT, case_id=a_case().pk, state=CaseState.OPEN, now=NOW)


def test_the_database_refuses_a_decision_without_a_date() -> None:
    case = a_case()
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(state=CaseState.ACCEPTED)


def test_the_queue_shows_only_what_is_in_scope() -> None:
    here = a_case(1)
    a_case(2, structure_id=6, authority_id=3)
    assert list(open_cases(structures=[5])) == [here]
    assert list(open_cases(authorities=[2])) == [here]
    assert open_cases(structures=[5], authorities=[3]).count() == 2
    assert open_cases().count() == 0
    assert open_cases(everywhere=True).count() == 2
    assert open_cases(everywhere=True, kind="paper").count() == 0


def test_the_latest_case_of_each_subject() -> None:
    first = a_case(1)
    decide_case(actor=AGENT, case_id=first.pk, state=CaseState.REFUSED, now=NOW)
    again, other = a_case(1), a_case(2)
    found = cases_about(kind="enrolment", subject_kind="enrolment", subject_ids=[1, 2, 3])
    assert found == {1: again, 2: other}
