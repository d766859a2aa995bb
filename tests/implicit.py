"""What Enter would do in a field of a page: the button that a browser presses by itself, of each form."""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from django.urls import resolve

SILENT = frozenset({"hidden", "submit", "button", "reset", "image", "file", "color", "range"})
"""Inputs in which Enter sends nothing. A textarea takes it for a line, a list does nothing of it."""


@dataclass
class Enter:
    """One form: where it goes, and its first button, `name=value`, None where Enter is disarmed.

    `fields` are the names where Enter counts.
    """

    action: str
    method: str
    key: str
    fields: list[str]
    button: str | None = ""
    armed: bool = False


def enters(path: str, html: str) -> list[Enter]:
    """The forms of a page in which Enter does something."""
    reader = _Reader(path)
    reader.feed(html)
    return [form for form in reader.forms.values() if form.fields and form.button is not None]


class _Reader(HTMLParser):
    def __init__(self, path: str) -> None:
        super().__init__()
        self.path = path
        self.forms: dict[str, Enter] = {}
        self._open = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = given.get("id") or f"form {len(self.forms)}"
            form = self._form(self._open)
            form.action = urlsplit(urljoin(f"http://here{self.path}", given.get("action", ""))).path
            form.method = given.get("method", "get").lower()
        owner = given.get("form") or self._open
        if not owner or tag not in {"input", "button"}:
            return
        form, kind = self._form(owner), given.get("type", "text" if tag == "input" else "submit")
        if kind == "submit" and not form.armed:
            form.armed = True
            pressed = f"{given.get('name', '')}={given.get('value', '')}"
            form.button = None if given.get("formmethod") == "dialog" else pressed
        elif tag == "input" and kind not in SILENT:
            form.fields.append(given.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = ""

    def _form(self, key: str) -> Enter:
        return self.forms.setdefault(key, Enter(self.path, "get", key, []))


TAKEN_BACK = {
    "changed again, or taken away, where it was written": """
        inscriptions/<id:accepted_id>/cartes/
        commissions/nouvelle/ commissions/<id:commission_id>/modifier/ commissions/<id:commission_id>/places/
        commissions/<id:commission_id>/criteres/ commissions/<id:seated_id>/membres/
        commissions/fiches/<id:care_sheet_id>/
        attribution/nouvelle/ attribution/<id:campaign_id>/modifier/ attribution/<id:campaign_id>/criteres/
        /voeux/<id:wished_id>/
        activites/<id:activity_id>/conditions/ajouter/ activites/conditions/<id:condition_id>/
        activites/<id:activity_id>/plafonds/ajouter/ activites/plafonds/<id:bound_id>/
        activites/<id:activity_id>/places-gardees/ajouter/ activites/places-gardees/<id:kept_places_id>/
        activites/places-gardees/<id:kept_places_id>/enfants/
        activites/<id:activity_id>/tarifs/ajouter/ activites/tarifs/abonnements/ajouter/<id:authority_id>/
        activites/tarifs/abonnements/<id:product_id>/modifier/
        activites/tarifs/ressources/<id:authority_id>/
        activites/<id:activity_id>/creneaux/ajouter/ activites/<id:activity_id>/groupes/ajouter/
        activites/<id:activity_id>/lots/ajouter/ activites/<id:activity_id>/modifier/<str:section>/
        activites/<id:activity_id>/questions/ajouter/ activites/<id:activity_id>/sorties/ajouter/
        activites/<id:activity_id>/salle-attente/ajouter/ activites/salle-attente/<id:awaited_id>/
        activites/<id:activity_id>/ouvertures/calculer/
        activites/<id:activity_id>/jauges/ activites/annee/copier/ activites/creneaux/<id:slot_id>/
        activites/groupes/<id:group_id>/ activites/jauges/<id:gauge_id>/
        activites/jauges/ajouter/<id:structure_id>/ activites/lots/<id:bundle_id>/
        activites/nouvelle/<id:structure_id>/ activites/ouvertures/<id:dated_id>/
        activites/questions/<id:question_id>/ activites/structures/<id:structure_id>/contacts/ajouter/
        activites/structures/<id:structure_id>/modifier/ activites/structures/ajouter/<id:authority_id>/
        activites/structures/contacts/<id:place_contact_id>/
        activites/structures/partage/<str:shared_kind>/<id:shared_id>/
        activites/structures/partage/<str:shared_kind>/ajouter/
        actualites/<id:news_id>/ actualites/nouvelle/ documentation/<id:publication_id>/corriger/
        factures/<id:invoice_id>/corriger/ factures/facon/<id:authority_id>/
        factures/tresor/factures/<id:invoice_id>/ factures/tresor/fichiers/<id:tresor_export_id>/
        factures/tresor/encaissements/<id:stray_id>/ factures/tresor/reglages/<id:authority_id>/
        factures/tresorerie/<id:authority_id>/
        familles/<id:family_id>/adresse/
        familles/<id:family_id>/depart/ familles/<id:family_id>/ecole/<id:person_id>/
        familles/<id:family_id>/garde/<id:person_id>/ familles/<id:family_id>/responsables/<id:person_id>/
        familles/<id:family_id>/revenus/<id:income_id>/ familles/<id:family_id>/revenus/noter/
        familles/revenus/ fermetures/ouvrir/
        matinees/assistantes-maternelles/ matinees/assistantes-maternelles/<id:childminder_id>/
        matinees/assistantes-maternelles/<id:childminder_id>/acces/
        messages/modeles/<id:reply_id>/ messages/modeles/nouveau/
        places/personnel/ places/personnel/jour/ places/personnel/registre/<id:worker_id>/
        places/personnel/registre/ajouter/<id:structure_id>/
        places/personnel/registre/reprendre/<id:structure_id>/ presences/code/ presences/tablettes/ajouter/
        reglages/agents/<id:colleague_id>/ reglages/apparence/
        reglages/autorisations/<id:consent_type_id>/ reglages/autorisations/ajouter/
        reglages/collectivite/<id:authority_id>/ reglages/conservation/ reglages/documents/<id:type_id>/
        reglages/double-authentification/ reglages/double-authentification/durees/
        reglages/journal/consultations/seuils/
        reglages/listes-de-la-veille/<id:structure_id>/regler/
        reglages/documents/<id:type_id>/activites/ reglages/documents/nouveau/
        sante/<id:child_id>/interdictions/
        /compte/courriels/ /compte/double-authentification/application/
        /compte/double-authentification/cles/ajouter/
        /compte/double-authentification/cles/<id:passkey_id>/ /compte/identifiant/
        /compte/mot-de-passe/ /compte/identites/relier/ /famille/<id:person_id>/
        /famille/<id:person_id>/autorisations/ /famille/<id:person_id>/permission/
        /famille/<id:person_id>/sante/ /famille/<id:person_id>/sante/vaccins/
        /famille/<id:person_id>/venir-chercher/<id:contact_id>/
        /famille/<id:person_id>/venir-chercher/ajouter/ /famille/foyer/ /famille/quotient/
        /reservations/matinees/<id:opening_id>/
    """,
    "a decision, undone within its minute": """
        documents/<id:paper_id>/accepter/ guichet/<id:demand_id>/reponse/ modifications/<id:change_id>/
    """,
    "asked for, and withdrawn while it waits": """
        /famille/<id:person_id>/retirer/ /famille/ajouter/ /inscriptions/plusieurs/
        /inscriptions/<id:person_id>/demander/<id:activity_id>/ /reservations/absence/
    """,
    "only looks, or reads a file that is confirmed on the next page": """
        activites/<id:activity_id>/absences/ activites/<id:activity_id>/delais/
        activites/<id:activity_id>/tarifs/duree/ activites/<id:activity_id>/tarifs/prix/
        activites/<id:activity_id>/tarifs/regles/<str:usual>/ activites/<id:activity_id>/tarifs/retard/
        activites/tarifs/abonnements/<id:product_id>/
        courriels/mots/<id:authority_id>/<str:app>/<str:name>/
        factures/importer/ factures/mois/nouveau/ familles/<id:kept_id>/separer/
        fermetures/capacites/<id:gauge_id>/
        inscriptions/<id:accepted_id>/groupe/ /tarifs/simuler/<id:activity_id>/
        /factures/prelevement/<id:authority_id>/
    """,
    "a way in, or a link sent to oneself": """
        /activation/<str:token>/ /compte/adresse-mail/ /compte/confirmer/ /connexion/ /connexion/code/
        /mot-de-passe/ /mot-de-passe/<str:token>/ /porte/
    """,
}
"""Where Enter may press the first button, and why. Addresses of the agents’ side are without `/agents/`."""

_ALLOWED = {
    address if address.startswith("/") else f"/agents/{address}"
    for addresses in TAKEN_BACK.values()
    for address in addresses.split()
}


def for_good(path: str, html: str) -> list[str]:
    """The forms of a page where Enter does what nothing says can be taken back."""
    return [
        f"{form.action} [{form.button}] from {path}"
        for form in enters(path, html)
        if form.method == "post" and f"/{resolve(form.action).route}" not in _ALLOWED
    ]
