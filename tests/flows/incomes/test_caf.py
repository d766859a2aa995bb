"""« Mon quotient »: agreed to, asked of a server that speaks API Particulier, checked by an agent, dated; and
what each trouble of that server leaves behind: words, a trace that names nobody, nothing half written."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command

from marelle.cases.models import Case
from marelle.families.file.put_back import proposals_forget
from marelle.families.file.undoing import change_undo
from marelle.families.incomes.reading import READ
from marelle.families.incomes.rules import IncomeKind
from marelle.families.models import CafAgreement, CafAnswer, ChangeRequest
from marelle.flows.actor.actors import actor_for
from marelle.flows.incomes.caf import agreements_asked
from marelle.journal.models import Entry
from tests.flows.incomes.village import (
    ANSWERED,
    BEFORE,
    NOW,
    PAGE,
    TYPED,
    Village,
    client_of,
    decide,
    give,
    held,
    parent,
    text,
    waits,
    waits_of,
)
from tests.particulier import (
    NOT_FOUND,
    QUOTIENT,
    Fake,
    quotient,
)

pytestmark = pytest.mark.django_db


def test_without_its_settings_nothing_is_offered(world: Village) -> None:
    client = parent(world)
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, TYPED).status_code == 404
    assert PAGE not in text(client.get("/famille/foyer/"))
    assert agreements_asked(now=NOW) == 0


def test_a_parent_agrees_and_an_agent_checks_what_the_caf_said(world: Village, fake: Fake) -> None:
    client = parent(world)
    assert PAGE in text(client.get("/famille/foyer/"))
    shown = text(client.get(PAGE))
    answer = give(client)
    assert "La CAF ou la MSA a répondu. Un agent vérifie la réponse" in text(answer)
    row = CafAgreement.objects.get()
    assert row.person == world.home_.adult
    for line in row.wording.split("\n"):
        assert line.replace("\xa0", " ") in shown, "kept as it was read, to the letter"
    assert "crèche" not in row.wording
    assert "900" not in text(client.get("/famille/")) + text(client.get(PAGE)) + text(answer)
    assert "une réponse, qu’un agent vérifie" in text(client.get("/famille/"))
    assert held() == BEFORE
    change = waits()
    label = "Alexis Durand · Quotient familial, d’après la CAF ou la MSA"
    assert Case.objects.get(subject_id=change.pk, kind="change").label == label
    page = text(client_of(world.office).get(f"/agents/modifications/{change.pk}/"))
    for said in (
        "734,00 €",
        "900,00 €",
        "CNAF, quotient pour octobre 2026",
        "LEFEBVRE ALEXIS",
        "27 décembre 1982",
    ):
        assert said in page
    assert Entry.objects.filter(verb=READ).count() == 1
    assert decide(world, change, answer="accept").status_code == 302
    assert held() == [*BEFORE, ANSWERED]
    assert "900,00 €" in text(client.get("/famille/foyer/"))
    verbs = Entry.objects.filter(family_id=world.home_.family.pk).values_list("verb", flat=True)
    assert {"caf_agreement.given", "caf.asked", "file.change_accepted"} <= set(verbs)
    assert "LEFEBVRE" not in str(list(Entry.objects.values()))


def test_a_decision_is_undone_within_its_minute_then_the_answer_is_gone(world: Village, fake: Fake) -> None:
    world.income(world.home_, IncomeKind.QUOTIENT, "810", since=date(2026, 10, 1))
    before = held()
    give(parent(world))
    change = waits()
    decide(world, change, answer="accept")
    assert held() == [*BEFORE, ANSWERED]
    change_undo(actor=actor_for(world.office), change_id=change.pk, decided_at=NOW, now=NOW)
    assert held() == before
    decide(world, waits(), answer="refuse", reason="Ce n’est pas vous.")
    assert held() == before
    assert proposals_forget(now=NOW + timedelta(seconds=59)) == 0
    assert proposals_forget(now=NOW + timedelta(minutes=2)) == 1
    assert not CafAnswer.objects.exists()
    assert "Ce n’est pas vous." in text(parent(world).get("/famille/"))
    assert "effacée" in text(client_of(world.office).get(f"/agents/modifications/{change.pk}/"))


def test_what_changed_while_the_agent_read_is_told_and_nothing_is_written(world: Village, fake: Fake) -> None:
    give(parent(world))
    change = waits()
    client, url = client_of(world.office), f"/agents/modifications/{change.pk}/"
    (form,) = [card.form for card in client.get(url).context["cards"]]
    shown = {bound.html_name: bound.value() or "" for bound in form}
    world.income(world.home_, IncomeKind.QUOTIENT, "810", since=date(2026, 11, 1))
    answer = client.post(url, {**shown, f"{change.pk}-answer": "accept"})
    assert "La donnée a changé" in text(answer)
    assert "un montant plus récent" in text(answer)
    assert ANSWERED not in held()
    assert waits() == change


def test_the_agent_chooses_from_when_it_counts(world: Village, fake: Fake) -> None:
    give(parent(world))
    decide(world, waits(), answer="accept", since="2027-01-01")
    assert held()[-1][:2] == ("quotient", date(2027, 1, 1))
    change_undo(
        actor=actor_for(world.office),
        change_id=ChangeRequest.objects.latest("pk").pk,
        decided_at=NOW,
        now=NOW,
    )
    assert held() == BEFORE
    page = text(decide(world, waits(), answer="accept", since="2037-01-01"))
    assert "trop lointaine" in page
    assert held() == BEFORE


def test_for_a_creche_its_resources_and_children_come_too(world: Village, fake: Fake) -> None:
    baby = world.child(world.home_, "Milo", born=date(2025, 3, 4))
    world.enrolment(baby, world.activity("Multi-accueil", kind="childcare"), world.home_)
    give(parent(world))
    assert CafAgreement.objects.get().resources
    assert "crèche mes ressources annuelles" in CafAgreement.objects.get().wording
    change = ChangeRequest.objects.get(field="caf_resources")
    decide(world, change, answer="accept")
    told = {kind: (since, told.amount) for kind, since, told, _source in held() if kind != "quotient"}
    assert told == {
        "resources": (date(2026, 11, 1), Decimal("3410.25")),
        "dependants": (date(2026, 11, 1), Decimal(1)),
        "aeeh": (date(2026, 11, 1), Decimal(1)),
    }
    assert held()[-1][3] == "CAF ou MSA, ressources de 2024 (API Particulier, le 24/11/2026)"


def test_an_agreement_from_before_the_creche_does_not_cover_it(world: Village, fake: Fake) -> None:
    give(parent(world))
    baby = world.child(world.home_, "Milo", born=date(2025, 3, 4))
    world.enrolment(baby, world.activity("Multi-accueil", kind="childcare"), world.home_)
    parent(world).post(f"{PAGE}{CafAgreement.objects.get().pk}/redemander/")
    assert {path.split("/")[3] for path, _query, _bearer in fake.asked} == {QUOTIENT}


def test_what_is_known_already_asks_nothing_of_an_agent(world: Village, fake: Fake) -> None:
    fake.replies["LEFEBVRE", QUOTIENT] = quotient(734, 2026, 10)
    assert "dit ce que nous savons déjà" in text(give(parent(world)))
    assert not ChangeRequest.objects.exists()


def test_what_waits_is_not_asked_of_an_agent_twice(world: Village, fake: Fake) -> None:
    client = parent(world)
    give(client)
    first = waits()
    client.post(f"{PAGE}{CafAgreement.objects.get().pk}/redemander/")
    assert waits() == first
    fake.replies["LEFEBVRE", QUOTIENT] = quotient(910, 2026, 11)
    client.post(f"{PAGE}{CafAgreement.objects.get().pk}/redemander/")
    assert waits() != first
    assert CafAnswer.objects.count() == 1
    assert Case.objects.filter(kind="change", state="open").count() == 1


def test_it_is_taken_back_and_the_identity_goes(world: Village, fake: Fake) -> None:
    client = parent(world)
    give(client)
    row = CafAgreement.objects.get()
    for other in (client_of(world.stranger.user), client_of(world.other.account)):
        assert other.post(f"{PAGE}{row.pk}/retirer/").status_code == 404
        assert other.post(f"{PAGE}{row.pk}/redemander/").status_code == 404
    assert CafAgreement.objects.get().ended_at is None
    assert client.post(f"{PAGE}{row.pk}/retirer/").status_code == 302
    row.refresh_from_db()
    assert (row.ended_at, row.identity) == (NOW, None)
    fake.asked.clear()
    assert client.post(f"{PAGE}{row.pk}/redemander/").status_code == 404
    CafAgreement.objects.update(due_at=NOW)
    assert agreements_asked(now=NOW) == 0
    assert fake.asked == []
    assert client.post(f"{PAGE}{row.pk}/retirer/").status_code == 302, "twice is once"
    assert Entry.objects.filter(verb="caf_agreement.ended").count() == 1


def test_it_can_be_taken_back_once_the_portal_asks_no_more(world: Village, fake: Fake, settings: Any) -> None:
    client = parent(world)
    give(client)
    settings.API_PARTICULIER = None
    page = text(client.get(PAGE))
    assert "Retirer l’accord" in page
    assert "Redemander" not in page
    assert client.post(f"{PAGE}{CafAgreement.objects.get().pk}/retirer/").status_code == 302
    assert client.get(PAGE).status_code == 404


def test_given_again_it_replaces_the_one_before(world: Village, fake: Fake) -> None:
    client = parent(world)
    give(client, birth_name="LEFEVRE")
    assert "n’ont trouvé personne" in text(client.get(PAGE))
    give(client)
    former, now = CafAgreement.objects.order_by("pk")
    assert (former.ended_at, former.identity, now.ended_at) == (NOW, None, None)
    assert waits_of(world.home_)


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("birth_name", "", "remplissez-la"),
        ("birth_name", "123", "nom de naissance"),
        ("first_names", ", ,", "Écrivez vos prénoms"),
        ("first_names", "A B C D E F G", "six au plus"),
        ("birth_date", "1982-02-30", "une date qui existe"),
        ("birth_date", "2082-12-27", "vérifiez l’année"),
        ("sex", "X", "Choisissez dans la liste"),
        ("place", "Sedan", "cinq signes"),
        ("place", "99100", "cinq signes"),
        ("agreed", "", "Cochez cette case"),
        ("seen", "autre", "Le texte a changé depuis"),
    ],
)
def test_a_bad_form_says_so_and_nothing_is_asked(
    world: Village, fake: Fake, field: str, typed: str, words: str
) -> None:
    answer = give(parent(world), **{field: typed})
    page = text(answer)
    assert words in page
    assert 'value="LEFEBVRE"' in page or field == "birth_name", "what was typed stays"
    assert not CafAgreement.objects.exists()
    assert fake.asked == []


def test_the_answer_about_somebody_else_is_told_to_the_agent_and_never_to_the_home(
    world: Village, fake: Fake
) -> None:
    """Somebody may type another's identity, and would learn what it earns."""
    adult = world.home_.adult
    adult.birth_date = date(1990, 5, 5)
    adult.save()
    client = parent(world)
    pages = text(give(client)) + text(client.get("/famille/")) + text(client.get("/historique/"))
    assert "900" not in pages
    page = text(client_of(world.office).get(f"/agents/modifications/{waits().pk}/"))
    assert "Le dossier dit cette personne née le 5 mai 1990" in page


def test_an_old_quotient_is_told_as_such(world: Village, fake: Fake) -> None:
    fake.replies["LEFEBVRE", QUOTIENT] = quotient(900, 2023, 10)
    give(parent(world))
    assert "plus d’un an" in text(client_of(world.office).get(f"/agents/modifications/{waits().pk}/"))


def test_an_agent_asks_again_and_reads_what_came_of_it(world: Village, fake: Fake) -> None:
    give(parent(world))
    row = CafAgreement.objects.get()
    page = f"/agents/familles/{world.home_.family.pk}/revenus/"
    url = f"{page}caf/{row.pk}/"
    assert url in text(client_of(world.office).get(page))
    fake.says = lambda: NOT_FOUND
    answer = text(client_of(world.office).post(url, follow=True))
    assert "CAF ou MSA : personne de cet état civil, ou plusieurs." in answer
    assert "accord donné le 24 novembre 2026" in answer
    assert Entry.objects.filter(verb="caf.asked").first().actor_label == str(world.office)
    assert client_of(world.director).post(url).status_code == 403
    assert "accord donné" not in text(client_of(world.director).get(page)), "it does not read incomes"
    elsewhere = f"/agents/familles/{world.stranger.family.pk}/revenus/caf/{row.pk}/"
    assert client_of(world.office).post(elsewhere).status_code == 404


def test_at_the_counter_an_agent_notes_whose_agreement_it_is(world: Village, fake: Fake) -> None:
    client = client_of(world.office)
    client.post(f"/agents/familles/{world.home_.family.pk}/agir/")
    assert "Qui donne son accord" in text(client.get(PAGE))
    assert "remplissez-la" in text(give(client))
    assert "La valeur" not in text(give(client, person=str(world.stranger.adult.pk)))
    assert not CafAgreement.objects.exists()
    give(client, person=str(world.other.pk))
    row = CafAgreement.objects.get()
    assert (row.person, row.given_by) == (world.other, str(world.office))
    assert waits_of(world.home_)


def test_without_its_key_nothing_is_asked_and_pages_stand(world: Village, fake: Fake, settings: Any) -> None:
    give(parent(world))
    fake.asked.clear()
    key = settings.SEALING_KEYS
    settings.SEALING_KEYS = ("bWFyZWxsZS1hbm90aGVyLWtleS1vZi10aGUtdGVzdHM=",)
    assert parent(world).get(PAGE).status_code == 200
    page = text(client_of(world.office).get(f"/agents/modifications/{waits().pk}/"))
    assert "Indisponible pour le moment" in page
    decide(world, waits(), answer="accept")
    parent(world).post(f"{PAGE}{CafAgreement.objects.get().pk}/redemander/")
    assert fake.asked == []
    settings.SEALING_KEYS = key
    assert held() == BEFORE


def test_a_dump_says_neither_of_whom_nor_what(world: Village, fake: Fake, capsys: Any) -> None:
    give(parent(world))
    call_command("dumpdata", "families", "journal", "cases", "mail", verbosity=0)
    dumped = capsys.readouterr().out
    assert "caf_quotient" in dumped
    assert not [said for said in ("LEFEBVRE", "1982", "08480", '"900') if said in dumped]
