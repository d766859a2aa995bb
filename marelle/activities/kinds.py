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


class Qualification(TextChoices):
    """What somebody of the staff may be counted as."""

    DIRECTS = "directs", _("BAFD ou équivalent")
    LEADS = "leads", _("BAFA ou équivalent")
    CHILDCARE = "childcare", _("diplôme de la petite enfance")
    TRAINEE = "trainee", _("stagiaire")
    NONE = "none", _("sans qualification")


class EnrolmentMode(TextChoices):
    ASKED = "asked", _("la famille demande, le service décide")
    BY_STRUCTURE = "by_structure", _("la structure inscrit elle-même")
    NONE = "none", _("sans inscription")


class Decider(TextChoices):
    """Who decides what families ask of an activity."""

    STRUCTURE = "structure", _("la direction de la structure, ou le guichet unique")
    OFFICE = "office", _("le guichet unique seul")


def deciding_structure(structure_id: int, decided_by: str) -> int | None:
    """The structure that the cases of an activity are for; None: its authority's office alone decides."""
    return structure_id if decided_by == Decider.STRUCTURE else None


class BookingMode(TextChoices):
    PARENT = "parent", _("la famille réserve")
    VALIDATED = "validated", _("la famille demande, un agent valide")
    STRUCTURE = "structure", _("la structure réserve")
    FREE = "free", _("accès libre, sans réservation")
    ACCOMPANIED = "accompanied", _("un adulte vient avec l’enfant et réserve des places")


class Unpaid(TextChoices):
    """What a bill that its home is late to pay to the same authority does; each does what those before do."""

    NOTHING = "nothing", _("rien")
    WARN = "warn", _("un rappel à la famille")
    REQUESTS = "requests", _("la demande d’inscription n’est pas possible")
    BOOKINGS = "bookings", _("ni la demande d’inscription ni de nouvelles réservations ne sont possibles")

    @property
    def closes_requests(self) -> bool:
        return self in {Unpaid.REQUESTS, Unpaid.BOOKINGS}

    @property
    def closes_bookings(self) -> bool:
        return self is Unpaid.BOOKINGS


class Parting(TextChoices):
    """What becomes of a booking when the one that it requires is to be cancelled."""

    HOLDS = "holds", _("l’autre ne peut pas être annulé seul")
    GOES = "goes", _("il est annulé avec l’autre")
    STAYS = "stays", _("il reste, et les agents sont prévenus")


class QuestionKind(TextChoices):
    TEXT = "text", _("quelques mots")
    YES_NO = "yes_no", _("oui ou non")
    CHOICE = "choice", _("un choix dans une liste")


class Supervision(TextChoices):
    """How many adults look after the children: see `supervision` for the texts."""

    HOLIDAYS = "holidays", _("extrascolaire : 1 pour 8 avant 6 ans, 1 pour 12 ensuite")
    TERM = "term", _("périscolaire, sans PEdT")
    TERM_PEDT = "term_pedt", _("périscolaire, avec un PEdT")
    SIX = "six", _("multi-accueil : 1 pour 6")
    WALKING = "walking", _("multi-accueil : 1 pour 5 sans la marche, 1 pour 8 avec")
    NONE = "none", _("aucun taux")
