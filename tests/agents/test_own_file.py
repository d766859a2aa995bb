"""Who is the parent of a case decides nothing of it, whatever its post, and reads why: of every kind.

In its own home, and in the other home of its child. The forms are those that a colleague sees.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from marelle.accounts.models import User
from marelle.agents.cases import KINDS, case_url
from marelle.cases.models import Case
from marelle.core.actor import Role
from marelle.families.models import ChangeRequest, Person
from marelle.files.apart import alone
from marelle.places.models import Post
from tests.agents.every_case import EveryCase
from tests.forms import PageForm
from tests.roles.world import NOW
from tests.test_bad_forms import forms_there, plausible, posted

pytestmark = [pytest.mark.django_db, pytest.mark.once]

OWN = "votre propre famille"
NO_DECISION = ("/agir/", "/annuler/", "/deconnexion/")
"""Ends of the addresses of forms that stand on a case and decide nothing of it."""

OWN_KINDS = [kind for kind in KINDS if kind not in {"gauge", "least", "arrival"}]
"""A number of places is nobody's: it is confirmed by who answers for it, whoever its children are. A minimum
that several homes missed is only said to be seen: nothing is decided of any. A first visit is of no home, and
is not linked to one's own: tests/flows/identities."""

OF_NO_HOME = ("place", "attendance")
"""Kinds of cases about several homes: an agent may leave a note on them, whoever its children are."""


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker) -> Iterator[EveryCase]:
    logging.disable(logging.WARNING)
    with django_db_blocker.unblock(), time_machine.travel(NOW, tick=False), transaction.atomic(), alone():
        found = EveryCase()
        found.shared(Person.objects.get(first_name="Lou"), found.durand, found.other_home)
        for home in (found.durand, found.other_home):
            Post.objects.create(user=home.user, role=Role.ADMINISTRATOR)
        yield found
        transaction.set_rollback(True)
    logging.disable(logging.NOTSET)


def logged(user: User | None) -> Client:
    assert user is not None
    client = Client()
    client.force_login(user)
    return client


def answers(world: EveryCase, case: Case) -> list[tuple[PageForm, dict[str, list[str]]]]:
    """The forms that decide of a case, as a colleague finds them, filled in with a "no" where one may."""
    forms = forms_there(logged(world.users["administrator"]), case_url(case))
    said = {
        "absence": {"answer": ["refuse"], "reason": ["Non."]},
        "booking": {"answer": ["refuse"], "reason": ["Non."]},
        "contest": {"answer": ["refuse"], "reason": ["Non."]},
        "mismatch": {"answer": ["accept"]},
        "no_show": {"answer": ["leave"]},
        "call": {"outcome": ["reached"]},
        "change": {f"{case.subject_id}-answer": ["refuse"], f"{case.subject_id}-reason": ["Non."]},
        "place": {"leave": ["1"]},
    }
    return [
        (form, plausible(form) | said.get(case.kind, {}))
        for form in forms
        if not form.action.partition("?")[0].endswith(NO_DECISION)
        if not (case.kind in OF_NO_HOME and form.action.startswith("/agents/notes/"))
    ]


@pytest.mark.parametrize("kind", OWN_KINDS)
def test_a_parent_decides_nothing_of_its_own(world: EveryCase, kind: str) -> None:
    cases = list(Case.objects.open().filter(kind=kind))
    assert cases
    for case in cases:
        for home in (world.durand, world.other_home):
            parent = logged(home.user)
            answer = parent.get(case_url(case))
            if answer.status_code != 404:
                assert OWN in answer.content.decode(), home.family
            for form, data in answers(world, case):
                with transaction.atomic():
                    _answer, written = posted(parent, form, data)
                    transaction.set_rollback(True)
                assert written == [], (home.family, form.action)


@pytest.mark.parametrize("kind", KINDS)
def test_a_colleague_does(world: EveryCase, kind: str) -> None:
    """Or what is refused above was no answer."""
    for case in Case.objects.open().filter(kind=kind):
        still_open = []
        for form, data in answers(world, case):
            with transaction.atomic():
                posted(logged(world.users["administrator"]), form, data)
                still_open.append(Case.objects.open().filter(pk=case.pk).exists())
                transaction.set_rollback(True)
        assert not all(still_open), case


def test_a_parent_reads_neither_the_proof_nor_the_values_of_its_own_change(world: EveryCase) -> None:
    """Of its home, or of its child in the other home; nor beside another change of that home."""
    waiting = ChangeRequest.objects.filter(state=ChangeRequest.State.OPEN)
    proofs = list(waiting.exclude(proof=None))
    assert proofs
    colleague = logged(world.users["administrator"])
    for change in proofs:
        address = f"/agents/modifications/{change.pk}/"
        assert colleague.get(f"{address}justificatif/").getvalue()
        assert f"{change.pk}-answer" in colleague.get(address).content.decode()
        assert logged(world.durand.user).get(f"{address}justificatif/").status_code == 404
    for change in waiting:
        page = logged(world.durand.user).get(f"/agents/modifications/{change.pk}/").content.decode()
        shown = waiting.filter(family=world.durand.family)
        assert not any(f"{one.pk}-answer" in page or "Proposé" in page for one in shown), change
