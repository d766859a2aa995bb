"""What every domain says alike is one class in `core.refusals`, and its answer is given in one place."""

from __future__ import annotations

import ast
import re

import pytest
from django.http import Http404
from django.test import Client, RequestFactory

from marelle.attendance.tablets import tablet_enrol
from marelle.core.actor import Role
from marelle.core.refusals import NotYours, Refusal
from marelle.flows.actor.actors import actor_for
from marelle.ui.middleware import NotYoursMiddleware
from tests.roles.world import NOW
from tests.scenario import Scenario
from tests.sources import nodes

SHARED = {"ChangedMeanwhile", "NotYours"}
CSRF = re.compile(rb'name="csrfmiddlewaretoken" value="\w+"')


def test_a_shared_refusal_has_one_class():
    made = [(path, n.name) for path, n in nodes(*SHARED) if isinstance(n, ast.ClassDef) and n.name in SHARED]
    assert sorted(made) == [("core/refusals.py", name) for name in sorted(SHARED)]


def test_no_other_refusal_has_the_code_of_a_shared_one():
    """A label may be put on the code; who asks for it asks for the class."""
    codes = {"changed_meanwhile", "not_yours"}
    found = list(nodes(*codes))
    said = {
        (path, node.lineno, node.col_offset)
        for path, node in found
        if isinstance(node, ast.Constant) and node.value in codes
    }
    labels = {
        (path, key.lineno, key.col_offset)
        for path, node in found
        if isinstance(node, ast.Dict)
        for key in node.keys
        if key is not None
    }
    assert {path for path, *_ in said - labels} == {"core/refusals.py"}


def test_no_view_turns_out_of_reach_into_not_found_by_itself():
    wrong = [
        f"{path}:{node.lineno}"
        for path, node in nodes("NotYours")
        if isinstance(node, ast.ExceptHandler) and node.type is not None
        if "NotYours" in ast.unparse(node.type) and isinstance(node.body[0], ast.Raise)
    ]
    assert wrong == []


def test_out_of_reach_is_not_found_and_nothing_else_is():
    middleware, request = NotYoursMiddleware(lambda _request: None), RequestFactory().get("/")
    with pytest.raises(Http404):
        middleware.process_exception(request, NotYours())
    for error in (Refusal("full"), ValueError()):
        assert middleware.process_exception(request, error) is None


@pytest.mark.django_db
def test_a_row_of_elsewhere_answers_as_one_that_is_none(client: Client):
    world = Scenario()
    director = actor_for(world.staff("direction", Role.DIRECTOR))
    here = world.the_structure.pk
    tablet, _secret = tablet_enrol(actor=director, structure_id=here, name="Porte", now=NOW)
    client.force_login(world.staff("ailleurs", Role.DIRECTOR, structure=world.structure("Ailleurs")))
    answers = [client.post(f"/agents/presences/tablettes/{pk}/retirer/") for pk in (tablet.pk, 999_999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    elsewhere, nobodys = (CSRF.sub(b"", answer.content) for answer in answers)
    assert elsewhere == nobodys
