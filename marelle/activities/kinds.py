"""The choices that an activity is made of, known to rules as well as to tables."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ActivityKind(TextChoices):
    CHILDCARE = "childcare", _("multi-accueil")
    RELAY = "relay", _("matinées du relais")
    WEDNESDAY = "wednesday", _("mercredis")
    HOLIDAYS = "holidays", _("vacances")
    AFTER_SCHOOL = "after_school", _("périscolaire")
    CANTEEN = "canteen", _("restauration")
    YOUTH = "youth", _("espace jeunes")


class EnrolmentMode(TextChoices):
    ASKED = "asked", _("la famille demande, le service décide")
    BY_STRUCTURE = "by_structure", _("la structure inscrit elle-même")
    NONE = "none", _("sans inscription")


class BookingMode(TextChoices):
    PARENT = "parent", _("la famille réserve")
    VALIDATED = "validated", _("la famille demande, un agent valide")
    STRUCTURE = "structure", _("la structure réserve")
    FREE = "free", _("accès libre, sans réservation")
    ACCOMPANIED = "accompanied", _("un adulte vient avec l’enfant et réserve des places")
