"""The file in French: values, changes, and what keeps a value from being written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from marelle.core.french import day_plain, euros_text, month_text, of_name
from marelle.core.phones import phone_text
from marelle.core.refusals import Refusal
from marelle.core.sealed import UNAVAILABLE
from marelle.core.straight import TURNED
from marelle.families.caf.rules import Said, What
from marelle.families.fields import BY_CODE, FileField, Kind, On, Policy
from marelle.families.file.values import UNREADABLE
from marelle.families.models import ChangeRequest
from marelle.files.labels import NOT_SEEN


def source_text(*, by_agent: bool, has_proof: bool) -> str:
    """On what a dated row rests."""
    if has_proof:
        return _("justificatif envoyé dans l’espace famille")
    return _("noté par le service") if by_agent else _("déclaré par la famille")


def caf_source(said: Said, received: date) -> str:
    """On what incomes rest that the CAF or the MSA told."""
    told = {"fund": said.fund, "year": said.year, "day": f"{received:%d/%m/%Y}"}
    if said.month is None:
        return _("CAF ou MSA, ressources de %(year)s (API Particulier, le %(day)s)") % told
    told["month"] = month_text(said.month)
    return _("%(fund)s, quotient pour %(month)s (API Particulier, le %(day)s)") % told


def policy_text(policy: Policy) -> str:
    return {
        Policy.FREE: _("libre"),
        Policy.MODERATED: _("modéré"),
        Policy.READ_ONLY: _("lecture seule"),
        Policy.HIDDEN: _("masqué"),
    }[policy]


def place_text(on: On) -> str:
    return {
        On.HOME: _("Le foyer"),
        On.ADULT: _("Les adultes"),
        On.CHILD: _("Les enfants"),
        On.HEALTH: _("La santé des enfants"),
    }[on]


def value_text(field: FileField, value: Mapping[str, str], schools: Mapping[int, str] | None = None) -> str:
    """A value as people say it; "" for none. `schools` names them by id."""
    if not any(value.values()):
        return ""
    match field.kind:
        case Kind.ADDRESS:
            told = {**value, "since": _day(value["since"])}
            return _("%(street)s, %(postal_code)s %(city)s, depuis le %(since)s") % told
        case Kind.INCOME if value["amount"] == UNREADABLE:
            return str(UNAVAILABLE)
        case Kind.INCOME if not value["amount"]:
            return _("Sans montant, depuis le %(since)s") % {"since": _day(value["since"])}
        case Kind.INCOME:
            told = {"amount": euros_text(Decimal(value["amount"])), "since": _day(value["since"])}
            return _("%(amount)s, depuis le %(since)s") % told
        case Kind.SCHOOL:
            school = (schools or {}).get(int(value["school"]), "") if value["school"] else ""
            return ", ".join(filter(None, (school, value["level"], value["teacher"])))
        case Kind.CHOICE:
            labels = dict(field.choices.choices) if field.choices is not None else {}
            return str(labels.get(value["value"], value["value"]))
        case Kind.PHONE:
            return phone_text(value["value"])
        case Kind.BIRTH | Kind.TERM:
            return _day(value["value"])
        case _:
            return value["value"]


def change_title(change: ChangeRequest) -> str:
    """What a change is about, without its value: "Date de naissance · Zoé"."""
    if change.kind == ChangeRequest.Kind.ADD:
        return _("Ajout %(of_name)s") % {"of_name": of_name(change.new.get("first_name", ""))}
    if change.kind == ChangeRequest.Kind.REMOVE:
        name = change.person.first_name if change.person else ""
        return _("Départ %(of_name)s") % {"of_name": of_name(name)}
    is_answer = change.kind == ChangeRequest.Kind.CAF
    label = what_text(What(change.field)) if is_answer else field_label(change.field)
    return f"{label} · {change.person.first_name}" if change.person else label


def what_text(what: What) -> str:
    return {
        What.QUOTIENT: _("Quotient familial, d’après la CAF ou la MSA"),
        What.RESOURCES: _("Ressources et enfants à charge, d’après la CAF ou la MSA"),
    }[what]


def field_label(code: str) -> str:
    field = BY_CODE.get(code)
    return str(field.label) if field is not None else code


def wrong_text(refusal: Refusal) -> str:
    """Why a value cannot be written, and how to mend it."""
    data = dict(refusal.data)
    if isinstance(data.get("known"), date):
        data["known"] = day_plain(data["known"])
    texts = {
        "required": _("Cette information est nécessaire : remplissez-la."),
        "too_long": _("C’est trop long : %(limit)s signes au plus."),
        "no_letter": _("Écrivez un nom avec des lettres."),
        "turning": str(TURNED),
        "not_digits": _("Écrivez seulement les chiffres du numéro, entre 5 et 15."),
        "not_an_email": _("Cette adresse n’est pas complète : par exemple camille@exemple.fr."),
        "not_a_choice": _("Choisissez dans la liste."),
        "not_a_date": _("Donnez une date qui existe, par exemple 04/03/2019."),
        "born_in_the_future": _("Cette date est dans l’avenir : vérifiez l’année."),
        "too_old": _("Cette date est trop ancienne : vérifiez l’année."),
        "older_than_parent": _("Un enfant ne peut pas être plus âgé que son parent : vérifiez la date."),
        "younger_than_child": _("Un parent ne peut pas être plus jeune que son enfant : vérifiez la date."),
        "not_a_term": _("Donnez la date prévue de la naissance, dans les dix mois qui viennent."),
        "not_a_postal_code": _("Écrivez le code postal, par exemple 21320."),
        "not_an_amount": _("Écrivez un montant en euros, par exemple 734 ou 734,50."),
        "since_far_away": _("Cette date est trop lointaine : vérifiez l’année."),
        "since_before_known": _("Nous avons déjà une information plus récente, depuis le %(known)s."),
        "proof_alone": _("Vous avez joint un fichier sans rien changer : corrigez aussi l’information."),
        "phone_letters": _("Écrivez le numéro en chiffres, par exemple 06 12 34 56 78."),
        "phone_too_long": _("Ce numéro est trop long."),
        "phone_not_a_number": _(
            "Ce numéro n’est pas complet : par exemple 06 12 34 56 78 ou +32 470 12 34 56."
        ),
        "link_missing": _("Dites ce que vous êtes pour l’enfant."),
        "already_there": _("Cette personne fait déjà partie de votre foyer."),
    }
    return texts[refusal.code] % data


def refusal_text(refusal: Refusal) -> str:
    """Why a whole act on the file was refused."""
    told = {"day": day_plain(refusal.data["since"])} if "since" in refusal.data else {}
    texts = {
        "home_left": _("Votre foyer n’est plus suivi ici : le dossier se lit, mais ne se modifie plus."),
        "last_adult": _("Un foyer garde au moins un adulte. S’il n’y a plus personne, contactez le service."),
        "leaves_before_it_came": _("Cette personne n’est dans le foyer que depuis le %(day)s."),
        "too_far_away": _("Cette date est trop lointaine : vérifiez l’année."),
        "already_answered": _("Cette demande n’attend plus de réponse : la page a changé entre-temps."),
        "may_not_write": _("Vous pouvez lire ces informations, mais pas les modifier."),
        "reason_missing": _("Donnez une raison pour chaque refus : la famille la lira."),
        "changed_meanwhile": _(
            "La donnée a changé depuis que la page est ouverte : voyez ce qui est noté, puis décidez."
        ),
        "own_file": _("C’est le dossier de votre propre famille : un autre agent doit s’en occuper."),
        "kept_away": _("Un juge tient ce foyer à l’écart d’un enfant de ce prénom, né ce jour-là : refusez."),
        "begins_before_the_last": _("Une information plus récente existe, depuis le %(day)s."),
        "already_decided": _("Un collègue a décidé entre-temps."),
        "no_such_twin": _("Cette personne n’est plus proposée : rouvrez la page."),
        "cannot_seal": _(
            "Les revenus ne peuvent pas être enregistrés pour le moment : contactez le service."
        ),
        "cannot_open": _("Ce revenu est indisponible pour le moment : contactez le service."),
        **{code: str(said) for code, said in NOT_SEEN.items()},
    }
    return texts.get(refusal.code, _("Ce n’est pas possible maintenant : rouvrez la page.")) % told


def meanwhile_text(
    field: FileField, value: Mapping[str, str], schools: Mapping[int, str] | None = None
) -> str:
    """What a field holds now, when somebody changed it while the form was open."""
    held = value_text(field, value, schools) or _("rien")
    told = {"held": held}
    return _("Quelqu’un d’autre l’a changé entre-temps : %(held)s. Vérifiez, puis enregistrez.") % told


def proposed_text(
    field: FileField, value: Mapping[str, str], schools: Mapping[int, str] | None = None
) -> str:
    """What waits for an agent, when somebody proposed it while the form was open."""
    told = {"proposed": value_text(field, value, schools)}
    return (
        _(
            "Une autre proposition vient d’être envoyée : %(proposed)s. Vérifiez, puis enregistrez pour la "
            "remplacer."
        )
        % told
    )


def _day(iso: str) -> str:
    return day_plain(date.fromisoformat(iso)) if iso else ""
