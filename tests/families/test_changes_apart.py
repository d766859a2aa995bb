"""What one home writes or proposes against what the other home of a child may."""

from __future__ import annotations

import pytest

from marelle.core.refusals import ChangedMeanwhile, NotYours
from marelle.families.file.changes import change_withdraw, person_ask_remove
from marelle.families.file.reading import person_sheet
from marelle.families.models import ChangeRequest, Guardianship
from marelle.families.refusals import NotAllowed
from tests.families.changing import DAY, NOW, Cast, accept, save, waiting
from tests.scenario import Home

pytestmark = pytest.mark.django_db


def test_neither_home_writes_or_proposes_in_the_name_of_the_other(cast: Cast):
    petit = cast.world.home("Petit", "Dominique")
    cast.world.shared(cast.zoe, cast.durand, petit)
    stranger = cast.world.home("Martin", "Sacha")
    for act, refusal in (
        (lambda: save(petit.actor, cast.durand.adult, adult__phone="06 39 98 10 66"), NotYours),
        (lambda: save(stranger.actor, cast.zoe, child__first_name="Zora"), NotYours),
        (
            lambda: person_ask_remove(
                actor=petit.actor, person_id=cast.durand.adult.pk, leaving=DAY, note="", now=NOW
            ),
            NotYours,
        ),
    ):
        with pytest.raises(refusal):
            act()
    assert not ChangeRequest.objects.exists()


def test_what_one_home_proposes_is_not_seen_nor_taken_back_by_the_other(cast: Cast):
    petit = cast.world.home("Petit", "Dominique")
    cast.world.shared(cast.zoe, cast.durand, petit)
    save(cast.durand.actor, cast.zoe, child__birth_date="2019-03-05")
    sheet = person_sheet(petit.actor, cast.zoe.pk, day=DAY)
    assert sheet is not None
    assert [line.pending for line in sheet.lines if line.pending] == []
    with pytest.raises(NotYours):
        change_withdraw(actor=petit.actor, change_id=waiting().pk, now=NOW)
    # The second home's word on the same fact is another request, and the agent sees that the fact moved.
    save(petit.actor, cast.zoe, child__birth_date="2019-03-06")
    mine, theirs = ChangeRequest.objects.order_by("pk")
    accept(cast.office, mine)
    with pytest.raises(ChangedMeanwhile):
        accept(cast.office, theirs)


def test_a_step_parent_without_rights_reads_nothing_of_the_child(cast: Cast):
    cast.world.adult(cast.durand, "Morgan", identifier="morgan")
    actor = Home(cast.durand.family, [cast.durand.adults[1]]).actor
    assert person_sheet(actor, cast.zoe.pk, day=DAY) is None
    with pytest.raises(NotYours):
        save(actor, cast.zoe, child__first_name="Zora")


def test_who_may_see_but_not_act_reads_only(cast: Cast):
    Guardianship.objects.update(may_book=False)
    sheet = person_sheet(cast.durand.actor, cast.zoe.pk, day=DAY)
    assert sheet is not None
    assert not sheet.may_write
    with pytest.raises(NotAllowed):
        save(cast.durand.actor, cast.zoe, child__diet="no_pork")
