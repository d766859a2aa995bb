from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from marelle.accounts.models import User, identifier_validator
from tests.accounts.people import someone

pytestmark = pytest.mark.django_db


def test_an_identifier_is_unique_whatever_its_case() -> None:
    someone("camille")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(identifier="CAMILLE", display_name="x")


def test_an_identifier_has_no_at_sign() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(identifier="a@b", display_name="x")


@pytest.mark.parametrize("identifier", ["ab", "é.durand", "a b c", "a@b.fr", ".abc", "abc\n", ""])
def test_identifiers_refused(identifier: str) -> None:
    with pytest.raises(ValidationError):
        identifier_validator(identifier)


@pytest.mark.parametrize("identifier", ["camille", "c.durand-2", "2camille", "Camille_D"])
def test_identifiers_accepted(identifier: str) -> None:
    identifier_validator(identifier)


def test_a_couple_may_share_a_mail_address_or_have_none() -> None:
    someone("camille", email="maison@example.org")
    someone("sacha", email="maison@example.org")
    someone("alix", email="")
    someone("robin", email="")
    assert User.objects.reached_by("maison@EXAMPLE.org").count() == 2
