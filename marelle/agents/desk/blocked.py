"""Why an agent who reads a case does not decide it, and who does: one sentence for every kind."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.cases.models import Case
from marelle.core.actor import Actor
from marelle.places.models import Authority, Structure
from marelle.places.scope import decides

OWN_FILE: Final = gettext_lazy("C’est le dossier de votre propre famille : un autre agent doit le traiter.")


def blocked_text(actor: Actor, case: Case | None, *, own_file: bool) -> str:
    """Nothing for who may decide it; one query for another agent. `own_file`: of its own home or child."""
    if own_file:
        return str(OWN_FILE)
    if case is None or decides(actor, case):
        return ""
    names: QuerySet[Any, str]
    if case.structure_id is None:
        names = Authority.objects.filter(pk=case.authority_id or 0).values_list("name", flat=True)
        who = _("Décidé par le guichet unique")
    else:
        names = Structure.objects.filter(pk=case.structure_id).values_list("name", flat=True)
        who = _("Décidé par une autre structure")
    name = names.first()
    told = {"who": f"{who} ({name})" if name else who}
    return _("%(who)s : vous pouvez lire cette demande, sans y répondre.") % told
