from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from marelle.accounts.models import User
from marelle.places.models import Post
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db


def test_the_first_administrator_is_made_from_the_server_once() -> None:
    user = User.objects.create_user("claude", display_name="Claude")
    call_command("post", "claude", "administrator")
    call_command("post", "Claude", "administrator")
    assert list(Post.objects.values_list("user_id", "role")) == [(user.pk, "administrator")]


def test_a_role_is_given_for_the_place_that_fits_it() -> None:
    structure = Scenario().the_structure
    User.objects.create_user("claude", display_name="Claude")
    call_command("post", "claude", "director", structure=structure.name)
    assert Post.objects.get().structure == structure
    with pytest.raises(CommandError, match="--authority"):
        call_command("post", "claude", "office", structure=structure.name)
    with pytest.raises(CommandError, match="n’existe pas"):
        call_command("post", "claude", "office", authority="Nulle part")
    with pytest.raises(CommandError, match="Aucun compte"):
        call_command("post", "personne", "animator", structure=structure.name)
    assert Post.objects.count() == 1
