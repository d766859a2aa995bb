"""The cards of « Réglages »: what the authority chooses, in groups, each for those who may open it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from marelle.core.actor import Actor, Role
from marelle.families.file.policies import may_set_policies
from marelle.families.scope import keeps_files
from marelle.places.look import may_set_look
from marelle.places.scope import DECIDERS

OFFICE = (Role.ADMINISTRATOR, Role.OFFICE)
ADMINISTRATION = (Role.ADMINISTRATOR,)


@dataclass(frozen=True, slots=True)
class Setting:
    """One card. `roles` are those who may open it; `may` says who of them, where a role is not enough."""

    route: str
    icon: str
    label: str | Promise
    text: str | Promise
    roles: tuple[Role, ...]
    may: Callable[[Actor], bool] | None = None

    @property
    def url(self) -> str:
        return reverse(self.route)


GROUPS: tuple[tuple[Promise, tuple[Setting, ...]], ...] = (
    (
        _("Le portail"),
        (
            Setting(
                "agents_authorities:authorities",
                "info",
                _("Collectivité et mentions légales"),
                _("Comment vous joindre, et ce que disent les pages légales."),
                OFFICE,
            ),
            Setting(
                "agents_look:look",
                "activities",
                _("Apparence"),
                _("Le nom, le logo et les couleurs du portail."),
                OFFICE,
                may_set_look,
            ),
            Setting(
                "agents_look:texts",
                "publications",
                _("Textes du portail"),
                _("Ce que disent l’accueil, la connexion, une demande envoyée."),
                OFFICE,
                may_set_look,
            ),
            Setting(
                "agents_mails:mails",
                "mail",
                _("Courriels envoyés par le portail"),
                _("Lire chacun avant les familles, avec des données inventées, et y mettre vos mots."),
                OFFICE,
            ),
            Setting(
                "agents_vitals:page",
                "settings",
                _("Santé du portail"),
                _("Ce qui demande qu’on s’occupe du serveur, et ce que le portail fait de lui-même."),
                ADMINISTRATION,
            ),
        ),
    ),
    (
        _("Les dossiers des familles"),
        (
            Setting(
                "agents_settings:fields",
                "family",
                _("Données du dossier"),
                _("Ce que les familles peuvent modifier, avec ou sans vérification."),
                OFFICE,
                may_set_policies,
            ),
            Setting(
                "agents_consents:types",
                "attendance",
                _("Autorisations demandées aux familles"),
                _("Photos, sorties, partir seul… : ce à quoi les familles répondent oui ou non."),
                OFFICE,
            ),
            Setting(
                "paper_types:types",
                "papers",
                _("Documents demandés"),
                _("Ce que les familles doivent envoyer, pourquoi, et pour quelles activités."),
                DECIDERS,
            ),
            Setting(
                "agents_reasons:reasons",
                "contact",
                _("Motifs de refus"),
                _("Les raisons prêtes à choisir quand une demande est refusée."),
                OFFICE,
            ),
            Setting(
                "agents_register:documents",
                "papers",
                _("Protection des données"),
                _("Registre des traitements, mentions, analyse d’impact, fiche en cas de violation."),
                OFFICE,
            ),
            Setting(
                "agents_dormant:homes",
                "history",
                _("Foyers sans nouvelles"),
                _("Qui n’a plus donné signe depuis longtemps, et ce qui peut être effacé."),
                OFFICE,
                keeps_files,
            ),
            Setting(
                "agents_delays:delays",
                "history",
                _("Délais de conservation"),
                _("Combien de temps connexions, décisions, santé et courriels sont gardés."),
                OFFICE,
                may_set_look,
            ),
        ),
    ),
    (
        _("Les structures et les agents"),
        (
            Setting(
                "agents_activities:structures",
                "places",
                _("Structures et contacts"),
                _("Les lieux d’accueil, leur adresse, et qui y joindre selon l’âge."),
                DECIDERS,
            ),
            Setting(
                "agents_team:team",
                "account",
                _("Agents et postes"),
                _("Inviter, changer un poste, suspendre : qui travaille où."),
                DECIDERS,
            ),
            Setting(
                "agents_evening:places",
                "attendance",
                _("Listes de la veille"),
                _("Qui reçoit chaque soir la liste du lendemain, si le portail ne répond plus."),
                DECIDERS,
            ),
            Setting(
                "agents_second:rules",
                "account",
                _("Double authentification exigée"),
                _("De quels agents, et à partir de quand."),
                ADMINISTRATION,
            ),
            Setting(
                "agents_second:lives",
                "history",
                _("Durées de connexion"),
                _("Combien de temps familles et agents restent connectés."),
                ADMINISTRATION,
            ),
            Setting(
                "agents_journal:journal",
                "search",
                _("Journal des agents"),
                _("Qui a lu une fiche sanitaire, décidé, modifié, agi au nom d’une famille."),
                OFFICE,
            ),
            Setting(
                "agents_journal:consulted",
                "search",
                _("Consultations"),
                _("Combien chaque agent a lu de la santé et des revenus, et ce qui a été signalé."),
                OFFICE,
            ),
        ),
    ),
    (
        _("Les factures"),
        (
            Setting(
                "agents_invoices:runs",
                "invoices",
                _("Import des factures"),
                _("Les fichiers de factures, de PDF et de paiements que lisent les familles."),
                OFFICE,
            ),
            Setting(
                "agents_invoices:treasuries",
                "figures",
                _("Comment payer et contester"),
                _("La trésorerie, les moyens de payer, et ce que chaque facture en dit."),
                OFFICE,
            ),
        ),
    ),
)

SETTINGS = tuple(setting for _label, group in GROUPS for setting in group)


def opened(actor: Actor) -> list[tuple[Promise, list[Setting]]]:
    """The cards that the actor may open, by group; three queries at most."""
    roles = {power.role for power in actor.powers}
    by_role = [one for one in SETTINGS if roles.intersection(one.roles)]
    given = {may: may(actor) for may in {one.may for one in by_role} if may is not None}
    mine = {one.route for one in by_role if one.may is None or given[one.may]}
    found = [(label, [one for one in group if one.route in mine]) for label, group in GROUPS]
    return [(label, group) for label, group in found if group]
