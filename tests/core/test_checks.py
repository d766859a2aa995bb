from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from marelle.core.checks import check_no_demo_account, check_production


@pytest.fixture
def demo_account(db) -> None:
    get_user_model().objects.create_user("essai", None, is_demo=True)


@pytest.mark.usefixtures("demo_account")
def test_no_account_of_the_demo_outside_it(settings):
    assert check_no_demo_account(databases=["default"]) == []
    settings.MARELLE_DEMO = False
    (problem,) = check_no_demo_account(databases=["default"])
    assert problem.id == "marelle.E002"
    get_user_model().objects.update(is_demo=False)
    assert check_no_demo_account(databases=["default"]) == []


def test_each_check_has_an_id_of_its_own():
    """By which an operator looks it up, or silences it."""
    sources = (path.read_text() for path in (Path(__file__).parents[2] / "marelle").rglob("checks.py"))
    found = Counter(name for text in sources for name in re.findall(r'id="(marelle\.[EW]\d{3})"', text))
    assert len(found) > 10
    assert [name for name, count in found.items() if count > 1] == []


def test_the_database_is_not_asked_when_it_is_not_checked(settings):
    settings.MARELLE_DEMO = False
    assert check_no_demo_account(databases=None) == []


def test_what_production_lacks(settings):
    assert {warning.id for warning in check_production()} == {"marelle.W001", "marelle.W002", "marelle.W003"}
    settings.MARELLE_DEMO, settings.HTTPS, settings.MAIL_IS_SENT = False, True, True
    assert check_production() == []
