"""Changes of families' files in French, as an agent reads them before deciding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from marelle.agents.desk.changes.forms import DecisionForm
from marelle.agents.desk.facts import Fact, home_facts, told
from marelle.agents.desk.viewer import Page, file_page
from marelle.bookings.aged import out_of_age
from marelle.bookings.labels import aged_text
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long, instant_long_year, of_name
from marelle.core.refusals import Refusal
from marelle.core.sealed import UNAVAILABLE
from marelle.families.caf.labels import identity_text, is_old
from marelle.families.fields import BY_CODE, CHILD_BIRTH
from marelle.families.file.decisions import ToDecide
from marelle.families.file.labels import change_title, refusal_text, value_text
from marelle.families.file.newcomers import NewcomerKind, newcomer_of
from marelle.families.file.reading import school_names
from marelle.families.file.values import Value, day_held
from marelle.families.file.writing import commune_named
from marelle.families.incomes.labels import days_text, kind_text, told_text
from marelle.families.incomes.labels import refusal_text as income_refusal_text
from marelle.families.incomes.rules import IncomeRow, IncomeStatus, Told, WrongIncome
from marelle.families.models import ChangeRequest, Guardianship, Person
from marelle.files.labels import not_seen_text
from marelle.flows.desk.modifications import StillEnrolled
from marelle.flows.office.home_file import HomeFile

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Card:
    """One change: what was, what is asked, the warnings, and the form of the answer (None once answered).

    `proof` is the name of the file joined to it, shown beside; "" for none.
    """

    title: str
    asked: str
    pairs: Pairs
    warnings: tuple[str, ...]
    proof: str
    answered: str
    form: DecisionForm | None


def cards(forms: list[DecisionForm], now: datetime) -> list[Card]:
    """One card for each form; names of schools and relatives are read once."""
    schools = school_names()
    relatives = _relatives(forms)
    return [_card(form, schools, relatives, now) for form in forms]


def facts(change: ChangeRequest, home: HomeFile | None) -> list[Fact]:
    """Who asks, then the home."""
    asker = [change.asked_by] if change.asked_by else []
    if change.person is not None and str(change.person) != change.asked_by:
        asker.append(_("à propos %(of_name)s") % {"of_name": of_name(str(change.person))})
    family = Fact(_("Famille"), "" if home else str(change.family))
    return told([Fact(_("Demandé par"), ", ".join(asker)), family, *home_facts(home)])


def pages(forms: list[DecisionForm]) -> list[Page]:
    """The proofs of the changes shown, in their order; one that serves two changes is there once."""
    found: dict[int, Page] = {}
    for form in forms:
        change = form.subject.change
        if change.proof is not None:
            url = reverse("agents_changes:proof", args=[change.pk])
            found.setdefault(change.proof.pk, file_page(change.proof, url))
    return list(found.values())


def accept_label(waiting: int) -> str:
    return _("Tout accepter") if waiting > 1 else _("Accepter")


def accept_question(waiting: int) -> str:
    """Asked before several are accepted at once; "" for one alone."""
    if waiting < 2:
        return ""
    return _("Accepter les %(n)d modifications affichées ?") % {"n": waiting}


def refused(refusal: Refusal) -> str:
    if isinstance(refusal, WrongIncome):
        return income_refusal_text(refusal)
    if isinstance(refusal, StillEnrolled):
        told = {"activities": ", ".join(refusal.data["activities"])}
        return _("Des inscriptions courent encore : %(activities)s. Terminez-les d’abord.") % told
    return refusal_text(refusal)


def _card(form: DecisionForm, schools: dict[int, str], relatives: dict[int, str], now: datetime) -> Card:
    subject = form.subject
    change = subject.change
    told = {"at": instant_long(change.asked_at), "by": change.asked_by}
    is_open = change.state == ChangeRequest.State.OPEN
    return Card(
        title=change_title(change),
        asked=_("demandé %(at)s par %(by)s") % told,
        pairs=_pairs(subject, schools, relatives),
        warnings=_warnings(subject, schools, now) if is_open else (),
        proof=change.proof.name if change.proof else "",
        answered="" if is_open else _answered(change),
        form=form if is_open else None,
    )


def _pairs(subject: ToDecide, schools: dict[int, str], relatives: dict[int, str]) -> Pairs:
    change = subject.change
    if change.kind == ChangeRequest.Kind.FIELD:
        held = [
            (_("Aujourd’hui"), _value(change, subject.now_held, schools)),
            (_("Proposé"), _value(change, subject.proposed, schools)),
        ]
        if subject.changed_at is None or change.state != ChangeRequest.State.OPEN:
            return held
        return [*held, (_("Dernier changement"), instant_long_year(subject.changed_at))]
    if change.kind == ChangeRequest.Kind.CAF:
        return _answer_pairs(subject)
    if change.kind == ChangeRequest.Kind.REMOVE:
        pairs = [(_("Dernier jour"), day_plain(date.fromisoformat(change.new["leaving"])))]
        return [*pairs, (_("Précision"), change.new["note"])] if change.new["note"] else pairs
    return _newcomer_pairs(change, relatives)


def _answer_pairs(subject: ToDecide) -> Pairs:
    """Of whom the CAF or the MSA was asked, then what it said beside what is held."""
    answer = subject.answer
    if answer is None:
        is_open = subject.change.state == ChangeRequest.State.OPEN
        return [(_("Réponse"), str(UNAVAILABLE) if is_open else _("effacée, une fois la demande traitée"))]
    held = {row.kind: f"{told_text(row)}, {days_text(row)}" for row in subject.beside}
    pairs = [(_("Demandé pour"), identity_text(answer.identity, certified=answer.certified))]
    for kind, amount in answer.said.amounts.items():
        said = Told(IncomeStatus.PROVED, amount)
        row = IncomeRow(0, kind, answer.since, None, "", told=said)
        told = {"said": told_text(row), "held": held.get(kind) or _("rien")}
        pairs.append((kind_text(kind), _("%(said)s\u00a0; aujourd’hui\u00a0: %(held)s") % told))
    return [*pairs, (_("Source"), answer.source)]


def _answer_warnings(subject: ToDecide, day: date) -> list[str]:
    answer, person = subject.answer, subject.change.person
    found: list[str] = []
    if answer is None:
        return found
    if person is not None and person.birth_date not in {None, answer.identity.birth_date}:
        known = {"day": day_plain(person.birth_date)} if person.birth_date else {}
        found.append(
            _("Le dossier dit cette personne née le %(day)s : est-ce pour quelqu’un d’autre ?") % known
        )
    if is_old(answer.said.month, day):
        found.append(_("Ce quotient a plus d’un an."))
    if any(row.since > answer.since for row in subject.beside):
        found.append(_("Le dossier connaît un montant plus récent : celui-ci compterait avant lui."))
    return found


def _newcomer_pairs(change: ChangeRequest, relatives: dict[int, str]) -> Pairs:
    newcomer = newcomer_of(change.new)
    kinds = {
        NewcomerKind.CHILD: _("Enfant"),
        NewcomerKind.EXPECTED: _("Enfant à naître"),
        NewcomerKind.ADULT: _("Adulte"),
    }
    pairs = [(kinds[newcomer.kind], f"{newcomer.first_name} {newcomer.last_name}")]
    if newcomer.birth_date is not None:
        pairs.append((_("Date de naissance"), day_plain(newcomer.birth_date)))
    if newcomer.expected_on is not None:
        pairs.append((_("Naissance prévue"), day_plain(newcomer.expected_on)))
    for person_id, link in newcomer.links.items():
        name = relatives.get(person_id, "")
        told = {"name": name, "of_name": of_name(name), "link": Guardianship.Link(link).label}
        is_adult = newcomer.kind is NewcomerKind.ADULT
        line = _("%(link)s %(of_name)s") if is_adult else _("%(name)s : %(link)s")
        pairs.append((_("Lien"), line % told))
    return pairs


def _warnings(subject: ToDecide, schools: dict[int, str], now: datetime) -> tuple[str, ...]:
    change = subject.change
    unseen = not_seen_text([change.proof]) if change.proof else ""
    found = [unseen] if unseen else []
    found += _answer_warnings(subject, local(now).date())
    if change.kind == ChangeRequest.Kind.FIELD and subject.changed_meanwhile:
        told = {"seen": _value(change, subject.seen, schools)}
        found.append(
            _("La donnée a changé depuis la demande : la famille voyait « %(seen)s ». Vérifiez-la.") % told
        )
    if change.field == "home.address":
        place = subject.proposed
        if commune_named(place.get("city", ""), place.get("postal_code", "")) is None:
            found.append(_("Commune inconnue du portail : la famille ne comptera pas parmi les habitants."))
    if change.field == CHILD_BIRTH and change.person_id is not None:
        known, corrected = day_held(subject.now_held), day_held(subject.proposed)
        aged = out_of_age(change.person_id, known=known, corrected=corrected, now=now)
        found += [aged_text(aged)] if aged else []
    if subject.kept_away:
        found.append(_("Un juge tient ce foyer à l’écart d’un enfant de ce prénom, né ce jour-là : refusez."))
    if subject.twins:
        found.append(_("Un enfant du même prénom, né le même jour, est déjà connu dans un autre foyer."))
    return tuple(found)


def _value(change: ChangeRequest, value: Value, schools: dict[int, str]) -> str:
    return value_text(BY_CODE[change.field], value, schools) or _("rien")


def _answered(change: ChangeRequest) -> str:
    told = {
        "state": change.get_state_display(),
        "by": change.decided_by,
        "at": instant_long_year(change.decided_at) if change.decided_at else "",
    }
    return _("Demande %(state)s le %(at)s par %(by)s.") % told


def _relatives(forms: list[DecisionForm]) -> dict[int, str]:
    ids = {
        person_id
        for form in forms
        if form.subject.change.kind == ChangeRequest.Kind.ADD
        for person_id in newcomer_of(form.subject.change.new).links
    }
    if not ids:
        return {}
    return {person.pk: person.first_name for person in Person.objects.filter(pk__in=ids)}
