"""What is paid at once, in French: when, and what it covers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from marelle.core.french import join_and
from marelle.pricing.models import Product


def terms_label(product: Product) -> str:
    """ "Se paie chaque mois, comprend Repas (Cantine)."; of one that was read with its slots."""
    slots = [f"{slot.name} ({slot.activity.name})" for slot in product.slots.all()]
    told = {"when": product.get_period_display(), "slots": join_and(slots)}
    if not slots:
        return _("Se paie %(when)s, ne comprend aucun créneau.") % told
    return _("Se paie %(when)s, comprend %(slots)s.") % told
