"""What is asked of each address: its ids, what a POST holds, what comes after the question mark."""

from __future__ import annotations

import json
import re

from tests.offer import LAST_DAY

NEIGHBOUR = {"name": "Line Roche", "link": "voisine", "phone": "06 39 98 10 02", "may_fetch": "on"}
# What a POST holds where an empty one would prove nothing.
POSTED = {
    "/agents/familles/restrictions/<id:restriction_id>/": {"act": "confirm"},
    "/agents/premieres-visites/<id:arrival_id>/": {"reason": "Passez nous voir."},
    "/agents/effacements/<id:erased_id>/": {"reason": "Une inscription est en cours."},
    "/agents/messages/<id:thread_id>/": {"text": "Sous le banc."},
    "/contact/echanges/<id:thread_id>/": {"text": "Et le bonnet ?"},
    "/agents/reservations/absences/<id:proof_id>/": {"answer": "accept"},
    "/agents/commissions/<id:commission_id>/": {"action": "propose", "number": "4 8 15"},
    "/agents/commissions/fiches/<id:care_sheet_id>/": {"action": "decide", "decision": "waiting"},
    "/guichet-unique/mes-demandes/commission/<id:care_sheet_id>/": {"answer": "accept"},
    "/agents/attribution/<id:campaign_id>/": {"action": "announce"},
    "/agents/attribution/<id:simulated_id>/foyers/<id:wish_id>/": {"choice": "0", "ranks": ["1"]},
    "/agents/absences/<id:no_show_id>/": {"answer": "leave"},
    "/agents/ecarts/<id:mismatch_id>/": {"answer": "refuse", "reason": "L’équipe l’a cherché."},
    "/agents/reservations/demandes/<id:request_id>/": {"answer": "refuse", "reason": "Complet."},
    "/agents/familles/comptes/<id:teen_id>/": {"reason": "Demandé par le père"},
    "/agents/factures/payeurs/<id:payer_id>/acces/<id:access_id>/arreter/": {"reason": "A changé de service"},
    "/agents/matinees/assistantes-maternelles/<id:childminder_id>/acces/<id:minder_access_id>/arreter/": {
        "reason": "A changé de relais"
    },
    "/famille/<id:person_id>/retirer/": {"leaving": "2026-11-30"},
    "/agents/appels/<id:refused_id>/": {"outcome": "reached"},
    "/agents/fermetures/jour/": {"reason": "Neige"},
    "/agents/fermetures/capacites/<id:gauge_id>/": {
        "since": "2026-12-03",
        "capacity": "60",
        "then": "keep",
        "jauge": "2020-01-01:84",
        "confirme": "1",
    },
    "/agents/jauges/<id:recounted_id>/": {"vu": "24", "capacity": "16"},
    "/agents/fins/<id:end_id>/refuser/": {"reason": "Trop tard."},
    "/inscriptions/<id:person_id>/inscription/<id:accepted_id>/fin/": {"dernier_jour": "2026-12-18"},
    "/agents/inscriptions/<id:enrolment_id>/refuser/": {"reason": "Plus de place."},
    "/inscriptions/<id:person_id>/demander/<id:activity_id>/": {
        "starts_on": "2026-12-02",
        "ends_on": LAST_DAY.isoformat(),
    },
}

POSTED.update(
    {
        "/agents/reglages/autorisations/<id:consent_type_id>/": {
            "label": "Baignade",
            "order": "1",
            "seen": json.dumps({"label": "Photos", "explanation": "", "needs_hour": False, "order": 0}),
        },
        "/agents/sante/<id:child_id>/interdictions/": {
            "name": "Alex Vidal",
            "reason": "Jugement du 4 mai",
            "since": "2026-05-04",
        },
        "/famille/<id:person_id>/permission/": {
            "day": "2026-11-27",
            "name": "Rachid Haddad",
            "phone": "06 39 98 10 01",
        },
        "/famille/<id:person_id>/sante/": {"allergies": "Arachide", "is_severe": "on"},
        "/famille/<id:person_id>/sante/vaccins/": {"vaccine": "ROR", "on": "2021-03-04"},
        "/famille/<id:person_id>/venir-chercher/<id:contact_id>/": {
            **NEIGHBOUR,
            "seen": json.dumps(
                {
                    "name": "Line Roche",
                    "link": "voisine",
                    "phone": "+33639981002",
                    "may_fetch": True,
                    "may_be_called": True,
                }
            ),
        },
        "/famille/<id:person_id>/venir-chercher/ajouter/": {**NEIGHBOUR, "name": "Paul Vidal"},
    }
)

# Whose planning: without it the page picks a child of the home itself.
WEEK = "?enfant=<id:person_id>&date=2026-12-02&vue=semaine&activite=toutes"
QUERY = {
    "/agents/activites/<id:activity_id>/delais/fin/": "?creneau=<id:slot_id>",
    "/agents/activites/annee/copier/": "?a=<id:activity_id>",
    "/agents/documents/manquants/relancer/": "?ou=<id:structure_id>",
    "/agents/presences/pointer/": "?structure=<id:structure_id>",
    "/agents/presences/pointages/": "?structure=<id:structure_id>",
    "/agents/presences/enfant/<id:child_id>/": "?structure=<id:structure_id>&jour=2026-11-26",
    "/agents/fermetures/jour/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/agents/fermetures/ouvrir/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/agents/fermetures/places/": "?structure=<id:structure_id>&jour=2026-12-03",
    "/agents/presences/listes/fichier/": "?format=csv",
    "/agents/presences/repas/fichier/": "?format=csv",
    "/inscriptions/recu/": "?d=<id:enrolment_id>",
    "/reservations/": WEEK,
    "/reservations/repeter/": WEEK,
}


def filled(address: str, values: dict[str, object]) -> str:
    return re.sub(r"<\w+:(\w+)>", lambda match: str(values[match.group(1)]), address)
