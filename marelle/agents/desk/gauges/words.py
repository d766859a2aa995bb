"""What a recount found, in French."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.models import Gauge
from marelle.core.french import day_long
from marelle.flows.catalogue.recounting import ConfirmRefused, ToConfirm


def title(gauge: Gauge) -> str:
    return f"{gauge.name} · {gauge.structure.name}"


def told(found: ToConfirm) -> list[str]:
    by_half_hour = found.gauge.unit == Gauge.Unit.HALF_HOUR
    once = _("par demi-heure") if by_half_hour else _("par jour")
    counts = _(
        "Cette jauge compte des enfants, chacun une fois %(once)s. "
        "Elle comptait jusqu’ici des réservations : "
        "un enfant qui en avait trois comptait pour trois."
    )
    seen = ngettext(
        "%(day)s, %(n)d place de trop était comptée.",
        "%(day)s, %(n)d places de trop étaient comptées.",
        found.withheld,
    )
    day = day_long(found.day)
    return [
        counts % {"once": once},
        seen % {"day": day[:1].upper() + day[1:], "n": found.withheld},
        _(
            "La capacité de %(capacity)d a peut-être été augmentée pour cela. Les places libérées ne partent "
            "à personne tant que vous ne l’avez pas confirmée."
        )
        % {"capacity": found.capacity},
    ]


def confirmed_text(capacity: int) -> str:
    text = ngettext(
        "C’est noté : %(n)d enfant à la fois. Les places libres partent à ceux qui attendent.",
        "C’est noté : %(n)d enfants à la fois. Les places libres partent à ceux qui attendent.",
        capacity,
    )
    return text % {"n": capacity}


def refusal_text(refusal: ConfirmRefused) -> str:
    if refusal.code == "moved":
        return _("La capacité a changé depuis l’affichage de cette page. Relisez, puis confirmez.")
    return _("Cette jauge est déjà confirmée.")
