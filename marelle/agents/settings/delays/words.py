"""What each delay did last, in French."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.core.french import instant_long, instant_long_year, number_text
from marelle.flows.models import JobRound


def last_text(last: JobRound) -> str:
    """ "Dernier passage : mardi 1er décembre à 3 h. 12 effacés le…", or why it failed."""
    told = _("Dernier passage : %s.") % instant_long(last.began_at)
    if last.failure:
        return told + " " + _("Échec : l’administration en est prévenue.")
    if last.did_at is None:
        return told + " " + _("Rien n’a encore été effacé.")
    did = {"count": number_text(last.done), "at": instant_long_year(last.did_at)}
    return told + " " + _("Dernier effacement : %(count)s, le %(at)s.") % did
