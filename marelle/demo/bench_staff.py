"""The pages of the agents' side, for each role that may open them: every address that answers to a GET.

The list is that of the URL resolver, so that a new page is measured without being added here. A page whose
address names a row is asked for one of the bench's world (`bench_ids`): a name that is not known there, or a
page that the office and the director are both refused, stops the bench.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import cache
from http import HTTPStatus
from typing import Final

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from marelle.accounts.models import User
from marelle.core.actor import Role
from marelle.demo.bench_ids import Reach, value_of
from marelle.portal.access.stand_ins import client_of

STAFF: Final = "/agents/"
WEDNESDAY: Final = 2
THURSDAY: Final = 3
ROLES: Final = (Role.DIRECTOR, Role.OFFICE)

A_FILE: Final = "answers a file"
OF_ADMINISTRATION: Final = "neither the office nor the director opens it"
NOT_BILLED: Final = "no month is billed in the bench yet"
NOBODY_ELSE: Final = "nobody but homes pays in the bench"
NOBODY_REMINDED: Final = "nobody is reminded in the bench"
NO_MANDATE: Final = "no home of the bench has a mandate"
NO_CHILD_COMES_IN: Final = "no child of the bench has an account of its own"
NOBODY_JUDGED: Final = "no judge restricts anybody in the bench"
CHILDMINDERS: Final = "/agents/matinees/assistantes-maternelles/"
NOT_MEASURED: Final = {
    "/agents/activites/<id:activity_id>/absences/liste/fichier/": A_FILE,
    "/agents/chiffres/absences/fichier/": A_FILE,
    "/agents/chiffres/csv/": A_FILE,
    "/agents/chiffres/xlsx/": A_FILE,
    "/agents/contestations/<id:contest_id>/": NOT_BILLED,
    "/agents/documentation/<id:publication_id>/fichier/": A_FILE,
    "/agents/documents/<id:paper_id>/pages/<id:page_id>/": A_FILE,
    "/agents/factures/<id:invoice_id>/corriger/": NOT_BILLED,
    "/agents/factures/comptabilite/<id:authority_id>/<int:year>/classeur/": A_FILE,
    "/agents/factures/comptabilite/<id:authority_id>/<int:year>/cloture/fichier/": A_FILE,
    "/agents/factures/comptabilite/<id:authority_id>/<int:year>/cloture/pdf/": A_FILE,
    "/agents/factures/comptabilite/<id:authority_id>/cantine-1-euro/fichier/": A_FILE,
    "/agents/factures/payeurs/<id:payer_id>/compte/": NOBODY_ELSE,
    "/agents/factures/foyers/<id:family_id>/prelevement/<id:mandate_id>/": NO_MANDATE,
    "/agents/factures/foyers/<id:family_id>/prelevement/<id:mandate_id>/papier/": A_FILE,
    "/agents/factures/foyers/<id:family_id>/frais-de-garde/<id:authority_id>/<int:year>/": A_FILE,
    "/agents/factures/foyers/<id:family_id>/prises-en-charge/<id:coverage_id>/": NOBODY_ELSE,
    "/agents/factures/mois/<id:bill_run_id>/": NOT_BILLED,
    "/agents/factures/mois/<id:bill_run_id>/foyers/<id:assessment_id>/": NOT_BILLED,
    "/agents/factures/mois/<id:bill_run_id>/imprimer/<int:part>/": A_FILE,
    "/agents/factures/mois/<id:bill_run_id>/zip/": A_FILE,
    "/agents/factures/payeurs/<id:payer_id>/": NOBODY_ELSE,
    "/agents/factures/payeurs/<id:payer_id>/acces/": NOBODY_ELSE,
    "/agents/factures/payeurs/<id:payer_id>/acces/<id:access_id>/arreter/": NOBODY_ELSE,
    "/agents/factures/payeurs/<id:payer_id>/acces/<id:access_id>/effacer/": NOBODY_ELSE,
    "/agents/factures/payeurs/<id:payer_id>/delais/": NOBODY_ELSE,
    "/agents/factures/relances/envois/<id:reminder_run_id>/": NOBODY_REMINDED,
    f"{CHILDMINDERS}<id:childminder_id>/acces/<id:minder_access_id>/arreter/": "one form, of the page before",
    f"{CHILDMINDERS}<id:childminder_id>/acces/<id:minder_access_id>/effacer/": "the same",
    "/agents/factures/relances/envois/<id:reminder_run_id>/lettres/<int:part>/": A_FILE,
    "/agents/factures/tresor/encaissements/<id:stray_id>/": NOT_BILLED,
    "/agents/factures/tresor/factures/<id:invoice_id>/": NOT_BILLED,
    "/agents/factures/tresor/fichiers/<id:tresor_export_id>/": NOT_BILLED,
    "/agents/factures/tresor/fichiers/<id:tresor_export_id>/fichier/": A_FILE,
    "/agents/factures/tresor/mois/<id:bill_run_id>/": NOT_BILLED,
    "/agents/factures/tresor/mois/<id:bill_run_id>/avoirs/": NOT_BILLED,
    "/agents/familles/eleves/<id:list_id>/inconnus/": A_FILE,
    "/agents/familles/importer/<id:import_id>/rapport/": A_FILE,
    "/agents/familles/reprise/<id:moving_id>/": "a file of another software, which nobody sent here",
    "/agents/familles/reprise/<id:moving_id>/rapport/": A_FILE,
    "/agents/familles/reprise/<slug:moving_kind>/modele/": A_FILE,
    "/agents/familles/comptes/<id:teen_id>/": NO_CHILD_COMES_IN,
    "/agents/familles/restrictions/<id:restriction_id>/": NOBODY_JUDGED,
    "/agents/familles/restrictions/<id:restriction_id>/jugement/": A_FILE,
    "/agents/messages/<id:thread_id>/fichiers/<id:attachment_id>/": A_FILE,
    "/agents/modifications/<id:change_id>/justificatif/": A_FILE,
    "/agents/presences/listes/fichier/": A_FILE,
    "/agents/presences/repas/fichier/": A_FILE,
    "/agents/reservations/absences/<id:proof_id>/fichier/": A_FILE,
    "/agents/reglages/double-authentification/": OF_ADMINISTRATION,
    "/agents/reglages/double-authentification/durees/": OF_ADMINISTRATION,
    "/agents/reglages/journal/consultations/seuils/": OF_ADMINISTRATION,
    "/agents/reglages/portail/": OF_ADMINISTRATION,
    "/agents/sante/<id:child_id>/pai/": A_FILE,
}
"""Addresses that are not measured, each with its reason."""

A_DAY: Final = "?structure=<id:structure_id>&jour=<day>"
LISTS: Final = ("liste-du-jour", "feuille-de-sortie", "contacts-d-urgence")
ASKED: Final = {
    "/agents/chiffres/": (
        "?structure=<id:structure_id>",
        "?structure=<id:structure_id>&de=9&a=8",
        "?structure=toutes",
    ),
    "/agents/chiffres/absences/": ("?structure=<id:structure_id>",),
    "/agents/activites/annee/copier/": ("?a=<id:activity_id>",),
    "/agents/fermetures/jour/": (A_DAY,),
    "/agents/fermetures/ouvrir/": (A_DAY,),
    "/agents/fermetures/places/": (A_DAY,),
    "/agents/places/": (A_DAY, "?structure=<id:nursery_id>&jour=<day>"),
    "/agents/places/jour/": (A_DAY, "?structure=<id:nursery_id>&jour=<day>"),
    "/agents/places/personnel/": (A_DAY,),
    "/agents/places/personnel/jour/": (A_DAY,),
    "/agents/presences/": (A_DAY, "?structure=<id:structure_id>&jour=<ticked_day>"),
    "/agents/presences/enfant/<id:child_id>/": (A_DAY,),
    "/agents/presences/listes/": tuple(f"{A_DAY}&liste={kind}" for kind in LISTS),
    "/agents/presences/repas/": ("?jour=<day>",),
    "/agents/sante/": ("?structure=<id:structure_id>",),
    "/agents/documents/manquants/": ("", "?ou=<id:structure_id>"),
}
"""What is asked of a page that says little without it; one that is asked for twice is measured twice."""

ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def staff(role: Role) -> User:
    """The first account with that post."""
    return User.objects.filter(posts__role=role).order_by("pk")[0]


def addresses(role: Role, today: date) -> dict[str, str]:
    """The pages that the role opens, by what they are called in the table.

    The director is asked for the next Wednesday, the office for the Thursday after it.
    """
    user = staff(role)
    wednesday = today + timedelta(days=(WEDNESDAY - today.weekday()) % 7 or 7)
    reach = Reach.of(user, wednesday if role is Role.DIRECTOR else wednesday + timedelta(days=1))
    client = client_of(user)
    found = {}
    for route in pages():
        for asked in ASKED.get(route, ("",)):
            url = _filled(route + asked, reach, route)
            if url is not None and _is_page(client, url):
                found[f"{route}{asked} · {role.value}"] = url
    return found


@cache
def pages() -> list[str]:
    """The addresses of the agents' side that answer a page to a GET, as the resolver knows them."""
    client = client_of(staff(Role.ADMINISTRATOR))
    found = {address for address, _pattern in _walk(get_resolver()) if address.startswith(STAFF)}
    return sorted(route for route in found - NOT_MEASURED.keys() if not _is_sent(client, route))


def unseen(labels: Iterable[str]) -> list[str]:
    """Pages that no label of the table is about."""
    seen = {label.partition(" ")[0].partition("?")[0] for label in labels}
    return [route for route in pages() if route not in seen]


def _is_sent(client: Client, route: str) -> bool:
    """Whether the address takes a POST alone."""
    url = ARGUMENT.sub(lambda match: STAND_IN.get(match.group(1), "1"), route)
    return client.get(url).status_code == HTTPStatus.METHOD_NOT_ALLOWED


STAND_IN: Final = {
    "section": "qui",
    "usual": "hors-delai",
    "moved_kind": "soldes",
    "app": "accounts",
    "name": "invitation",
}


def _is_page(client: Client, url: str) -> bool:
    answer = client.get(url)
    return answer.status_code == 200 and "html" in answer.get("Content-Type", "")


def _filled(address: str, reach: Reach, route: str) -> str | None:
    """The address with a row for each of its arguments, None where the role has no such row."""
    values = {name: value_of(name, reach, route) for name in ARGUMENT.findall(address)}
    if None in values.values():
        return None
    return ARGUMENT.sub(lambda match: str(values[match.group(1)]), address)


def _walk(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from _walk(entry, address)
        else:
            yield address, entry
