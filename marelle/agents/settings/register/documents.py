"""The register (article 30), the notices (13 and 14), a draft of the impact assessment (35), the sheet of a
breach (33): as listings to print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.agents.settings.register.treatments import (
    TREATMENTS,
    columns_of,
    kept_text,
    name_of,
    tables,
)
from marelle.core.clock import local
from marelle.core.french import day_plain, instant_long_year
from marelle.core.listing import NOTHING, Cell, Column, Listing, Weight, cell
from marelle.places.models import Authority

Rows = Iterable[tuple[Cell, ...]]

RIGHTS: Final = gettext_lazy(
    "Lire, copier, corriger, effacer, limiter, s’opposer : « Mes données », ou le délégué. Plainte : CNIL."
)

SAFETY: Final = (
    gettext_lazy(
        "Santé, revenus, jugements, notes, messages et fichiers chiffrés dans la base et le dossier"
    ),
    gettext_lazy("Chaque agent ne voit que ses structures ; double authentification exigée par rôle"),
    gettext_lazy("Journal scellé de chaque acte et de chaque lecture, consultations inhabituelles signalées"),
    gettext_lazy("Sauvegardes chiffrées, essayées ; antivirus si la collectivité en branche un"),
    gettext_lazy("Aucun traceur, aucune requête vers un tiers ; hébergement choisi par la collectivité"),
)

FORMS: Final[Mapping[str | Promise, str]] = {
    gettext_lazy("Créer son compte, modifier son dossier"): "files",
    gettext_lazy("Quotient, revenus, interrogation de la CAF ou de la MSA"): "files",
    gettext_lazy("Fiche sanitaire, personnes autorisées, autorisations"): "care",
    gettext_lazy("Demande d’inscription, réservation, absence"): "reception",
    gettext_lazy("Prélèvement, contestation d’une facture"): "bills",
    gettext_lazy("Envoi d’un document"): "papers",
    gettext_lazy("Message, page de contact"): "exchanges",
    gettext_lazy("Recherche d’un mode de garde, matinée d’éveil"): "relay",
    gettext_lazy("Connexion"): "journal",
}
"""By form that a family fills, the treatment that it is of."""

RISKS: Final = (
    (
        gettext_lazy("Accès illégitime"),
        gettext_lazy("Santé ou revenus lus par qui n’y a pas droit ; adresse d’un parent connue de l’autre"),
        gettext_lazy(
            "Cloisonnement par foyer et par structure, chiffrement, journal, double authentification"
        ),
    ),
    (
        gettext_lazy("Modification non désirée"),
        gettext_lazy("Allergie effacée, personne interdite oubliée, place perdue"),
        gettext_lazy("Verrous, versions montrées, décisions reprises, journal scellé"),
    ),
    (
        gettext_lazy("Disparition"),
        gettext_lazy("Accueil sans savoir qui vient ni qui appeler"),
        gettext_lazy("Sauvegardes essayées, tablettes hors réseau, listes de la veille"),
    ),
)

BREACH: Final = (
    (
        gettext_lazy("Aussitôt"),
        gettext_lazy("Qui la voit"),
        gettext_lazy("Noter l’heure et prévenir le délégué et l’administration ; ne rien effacer."),
    ),
    (
        gettext_lazy("Aussitôt"),
        gettext_lazy("Administration"),
        gettext_lazy(
            "Arrêter la fuite : suspendre un compte, retirer une tablette, changer les "
            "secrets, couper le portail."
        ),
    ),
    (
        gettext_lazy("Dans la journée"),
        gettext_lazy("Administration"),
        gettext_lazy(
            "Garder les preuves : journal des agents (CSV), « journal_verify », journal "
            "du serveur, sauvegarde."
        ),
    ),
    (
        gettext_lazy("Dans la journée"),
        gettext_lazy("Délégué"),
        gettext_lazy(
            "Mesurer : quelles données, combien de personnes, santé ou revenus, chiffrées ou lisibles."
        ),
    ),
    (
        gettext_lazy("Sous 72 heures"),
        gettext_lazy("Responsable"),
        gettext_lazy(
            "S’il y a un risque : notifier la CNIL (notifications.cnil.fr), même "
            "incomplet ; en cas de retard, dire pourquoi."
        ),
    ),
    (
        gettext_lazy("Dès que possible"),
        gettext_lazy("Responsable"),
        gettext_lazy("Si le risque est élevé : prévenir les personnes, en termes simples (article 34)."),
    ),
    (
        gettext_lazy("Toujours"),
        gettext_lazy("Délégué"),
        gettext_lazy(
            "Inscrire la violation au registre interne, notifiée ou non : faits, "
            "effets, mesures (article 33, 5)."
        ),
    ),
)
"""What is done, by whom and when: article 33 of the RGPD, and the guide of the CNIL."""


@dataclass(frozen=True, slots=True)
class Document:
    code: str
    title: str | Promise
    text: str | Promise
    made: Callable[[Authority | None, datetime], list[Listing]]


def register(authority: Authority | None, now: datetime) -> list[Listing]:
    rows = (
        (
            cell(str(one.title), weight=Weight.STRONG),
            cell(str(one.purpose), str(one.basis)),
            cell(str(one.people)),
            cell(*(name_of(table) for table in tables(code) if table.export)),
            cell(str(one.seen_by)),
            cell(*dict.fromkeys(kept_text(table) for table in tables(code))),
        )
        for code, one in TREATMENTS.items()
    )
    columns = (
        (_("Traitement"), 3), (_("Finalité et base"), 5), (_("Personnes"), 3), (_("Données"), 5),
        (_("Destinataires"), 4), (_("Conservation"), 5),
    )  # fmt: skip
    first = _page(_("Registre des traitements"), "registre", authority, now, columns, rows, SAFETY)
    annex = (
        (
            cell(name_of(table), weight=Weight.STRONG),
            cell(columns_of(table)),
            cell(kept_text(table)),
        )
        for code in TREATMENTS
        for table in tables(code)
        if table.export
    )
    told = ((_("Données"), 3), (_("Ce qui en est gardé"), 8), (_("Conservation"), 5))
    return [first, _page(_("Annexe : ce que contient chaque donnée"), "annexe", authority, now, told, annex)]


def notices(authority: Authority | None, now: datetime) -> list[Listing]:
    rows = (
        (
            cell(str(form), weight=Weight.STRONG),
            cell(str(TREATMENTS[code].purpose), str(TREATMENTS[code].basis)),
            cell(str(TREATMENTS[code].seen_by)),
            cell(*dict.fromkeys(kept_text(table) for table in tables(code))),
            cell(str(RIGHTS)),
        )
        for form, code in FORMS.items()
    )
    columns = (
        (_("Formulaire"), 3), (_("Pourquoi, et de quel droit"), 5), (_("Qui les voit"), 4),
        (_("Combien de temps"), 5), (_("Vos droits"), 4),
    )  # fmt: skip
    return [
        _page(
            _("Mentions d’information, formulaire par formulaire"), "mentions", authority, now, columns, rows
        )
    ]


def assessment(authority: Authority | None, now: datetime) -> list[Listing]:
    """Sections of the CNIL's method; what the machine does not know is left to be filled."""
    described = register(authority, now)[0]
    needed = (
        (cell(str(one.title), weight=Weight.STRONG), cell(str(one.purpose), str(one.basis)), NOTHING)
        for one in TREATMENTS.values()
    )
    risks = (
        (cell(str(risk), weight=Weight.STRONG), cell(str(effect)), cell(str(measure)), NOTHING, NOTHING)
        for risk, effect, measure in RISKS
    )
    by_hand = (_("À compléter"), 6)
    return [
        _page(
            _("Analyse d’impact (projet) : 1. Contexte"), "analyse-d-impact", authority, now,
            tuple((column.title, column.share) for column in described.columns), described.rows, SAFETY,
        ),
        _page(
            _("2. Nécessité et proportionnalité"), "aipd-2", authority, now,
            ((_("Traitement"), 3), (_("Finalité et base"), 5), by_hand), needed,
        ),
        _page(
            _("3. Risques"), "aipd-3", authority, now,
            (
                (_("Événement redouté"), 3), (_("Effets"), 4), (_("Mesures du portail"), 5),
                (_("Gravité"), 2), (_("Vraisemblance"), 2),
            ),
            risks,
        ),
        _page(
            _("4. Validation"), "aipd-4", authority, now,
            ((_("Avis"), 3), by_hand),
            (
                (cell(who), NOTHING)
                for who in (
                    _("Délégué à la protection des données"), _("Personnes concernées"),
                    _("Responsable : décision et plan d’action"),
                )
            ),
        ),
    ]  # fmt: skip


def breach(authority: Authority | None, now: datetime) -> list[Listing]:
    rows = (
        (cell(str(when), weight=Weight.STRONG), cell(str(who)), cell(str(what)), NOTHING)
        for when, who, what in BREACH
    )
    asked = (
        _("Nature de la violation, et quand elle a commencé et pris fin"),
        _("Catégories et nombre de personnes ; catégories et nombre de données"),
        _("Conséquences probables"),
        _("Mesures prises et prévues"),
        _("Contact : le délégué"),
    )
    columns = ((_("Quand"), 2), (_("Qui"), 2), (_("Quoi"), 7), (_("Fait le, par"), 4))
    return [
        _page(_("Fiche en cas de violation de données"), "violation", authority, now, columns, rows),
        _page(
            _("Ce que demande la notification"), "violation-2", authority, now,
            ((_("Article 33, 3"), 4), (_("À remplir"), 8)), ((cell(one), NOTHING) for one in asked),
        ),
    ]  # fmt: skip


def _page(
    title: str,
    name: str,
    authority: Authority | None,
    now: datetime,
    columns: Iterable[tuple[str, int]],
    rows: Rows,
    notes: Iterable[str | Promise] = (),
) -> Listing:
    missing = _("non renseigné")
    facts = (
        _("Responsable : %s") % (authority.name if authority else missing),
        _("Délégué à la protection des données : %s")
        % ((authority and " ".join(filter(None, (authority.dpo_name, authority.dpo_email)))) or missing),
    )
    by_hand = {_("À compléter"), _("Gravité"), _("Vraisemblance"), _("Fait le, par"), _("À remplir")}
    return Listing(
        title=title,
        name=f"{name}-{local(now).date().isoformat()}",
        facts=facts,
        columns=tuple(Column(each, share, by_hand=each in by_hand) for each, share in columns),
        rows=tuple(rows),
        notes=tuple(map(str, notes)),
        footer=_("Tiré du portail le %s : à relire et à compléter") % instant_long_year(now),
        author=authority.name if authority else day_plain(local(now).date()),
        wide=True,
    )


DOCUMENTS: Final[Mapping[str, Document]] = {
    one.code: one
    for one in (
        Document(
            "registre",
            gettext_lazy("Registre des traitements"),
            gettext_lazy(
                "Article 30 : ce qui est fait des données, pourquoi, qui les voit, combien de temps."
            ),
            register,
        ),
        Document(
            "mentions",
            gettext_lazy("Mentions d’information"),
            gettext_lazy("Articles 13 et 14 : ce que dit chaque formulaire à qui le remplit."),
            notices,
        ),
        Document(
            "analyse-d-impact",
            gettext_lazy("Analyse d’impact (projet)"),
            gettext_lazy("Article 35 : ce que le portail sait en dire, et ce qui reste à apprécier."),
            assessment,
        ),
        Document(
            "violation",
            gettext_lazy("Fiche en cas de violation"),
            gettext_lazy("Article 33 : qui fait quoi, sous 72 heures, et ce qu’il faut noter."),
            breach,
        ),
    )
}
