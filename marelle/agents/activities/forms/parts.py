"""Forms of the rows that make what is offered, in words that a director uses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.activities.bounds import BoundKind, Unit, Whose
from marelle.activities.generation import DayScope
from marelle.activities.kinds import ActivityKind, Unpaid
from marelle.activities.models import Activity, AgeGroup, BookingBound, Gauge, Question, Slot
from marelle.activities.services import linkable_slots
from marelle.agents.activities.forms.edit import EditForm
from marelle.agents.activities.forms.fields import (
    AgeField,
    DayField,
    HourField,
    InstantField,
    LinesField,
    RowsField,
    WeekdaysField,
)
from marelle.places.models import School, Structure, StructureContact
from marelle.places.scope import is_office_of
from marelle.ui.forms import NumberField

FIRST_AGE = _("À partir de")
LAST_AGE = _("Jusqu’à")
LAST_AGE_HELP = _("Compris : « 11 ans » va jusqu’à la veille des 12 ans. Vide : sans limite.")
ORDER_HELP = _("Les plus petits nombres d’abord.")
MOST_PLACES = 9_999
MOST_BOOKED = 999
LAST_IN_ORDER = 999

DAYS = {
    DayScope.TERM: _("les semaines d’école"),
    DayScope.HOLIDAYS: _("les vacances scolaires"),
    DayScope.BOTH: _("toute l’année"),
}


class OrderField(NumberField):
    """The place of a row among those of its kind."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{**kwargs, "min_value": 0, "max_value": LAST_IN_ORDER})


class StructureForm(EditForm):
    class Meta:
        model = Structure
        fields = ("name", "kind", "street", "commune", "order")
        field_classes = {"order": OrderField}
        labels = {"street": _("Numéro et rue")}
        help_texts = {"order": ORDER_HELP}


class ContactForm(EditForm):
    class Meta:
        model = StructureContact
        fields = ("label", "ages", "email", "phone", "order")
        field_classes = {"order": OrderField}
        labels = {"label": _("Qui, ou quel service"), "ages": _("Pour quels âges")}
        help_texts = {"ages": _("Par exemple « pour les 3–12 ans »."), "order": ORDER_HELP}


class NameForm(EditForm):
    """« L’activité »: what it is called, and of which kind it is."""

    class Meta:
        model = Activity
        fields = ("name", "kind", "supervision", "order")
        field_classes = {"order": OrderField}
        help_texts = {
            "name": _("Comme les familles le lisent : « Mercredis 2026-2027 »."),
            "order": ORDER_HELP,
        }


class PresentationForm(EditForm):
    """« Présentation »: what families read of it before they ask, in the director's words."""

    class Meta:
        model = Activity
        fields = ("description", "cost_text")
        widgets = {"description": forms.Textarea({"rows": 8}), "cost_text": forms.Textarea({"rows": 4})}
        labels = {"description": _("Ce qu’on y fait"), "cost_text": _("Ce que cela coûte")}
        help_texts = {
            "description": _("Les familles le lisent avant de demander. Vide : rien n’est dit."),
            "cost_text": _(
                "Par exemple « De 2,10 € à 6,50 € la demi-journée, selon le quotient. » Le portail n’en "
                "calcule rien."
            ),
        }


class WhoForm(EditForm):
    """« Qui »."""

    min_age_months = AgeField(label=FIRST_AGE)
    max_age_months = AgeField(label=LAST_AGE, is_last=True, required=False, help_text=LAST_AGE_HELP)
    age_day = DayField(
        label=_("Âge compté au"),
        required=False,
        help_text=_("Vide : au premier jour demandé."),
    )

    class Meta:
        model = Activity
        fields = ("min_age_months", "max_age_months", "age_day", "schools")
        field_classes = {"schools": RowsField}
        help_texts = {"schools": _("Aucune cochée : les enfants de toutes les écoles.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["schools"].queryset = School.objects.order_by("name", "pk")  # type: ignore[attr-defined]


class WhenForm(EditForm):
    """« Quand »."""

    first_day = DayField(label=_("Premier jour"))
    last_day = DayField(label=_("Dernier jour"))

    class Meta:
        model = Activity
        fields = ("first_day", "last_day", "calendar")
        labels = {"calendar": _("Calendrier")}
        help_texts = {"calendar": _("Il dit quels jours sont d’école, de vacances ou fériés.")}


class AskingForm(EditForm):
    """« Inscription »."""

    requests_open_at = InstantField(
        label=_("Les demandes ouvrent le"), required=False, help_text=_("Vide : elles sont ouvertes.")
    )
    requests_close_at = InstantField(
        label=_("Les demandes ferment le"), required=False, help_text=_("Vide : avec l’activité.")
    )

    class Meta:
        model = Activity
        fields = (
            "enrolment_mode",
            "booking_mode",
            "decided_by",
            "requests_open_at",
            "requests_close_at",
            "closes_when_full",
            "asks_card",
            "unpaid",
            "asks_times",
        )
        widgets = {"decided_by": forms.RadioSelect}
        labels = {
            "decided_by": _("Qui décide des demandes"),
            "closes_when_full": _("Complet, l’activité ne prend plus de demande"),
            "asks_card": _("Se réserve avec une carte d’entrées"),
            "unpaid": _("Si le foyer a une facture en retard de paiement"),
            "asks_times": _("À la porte, noter les heures d’arrivée et de départ"),
        }
        help_texts = {
            "booking_mode": _(
                "Là où la structure réserve, le guichet réserve au nom de la famille, sans motif."
            ),
            "decided_by": _(
                "Compte pour les demandes à venir. La direction lit toujours celles de ses activités ; "
                "le guichet seul le change."
            ),
            "closes_when_full": _(
                "Sans cette case, la famille lit « Complet pour le moment : votre demande ira en attente » "
                "et peut demander."
            ),
            "unpaid": _(
                "Seules comptent les factures de la collectivité de l’activité. La famille lit qu’une "
                "facture est en retard et qu’elle peut appeler, jamais de montant. Annuler reste possible."
            ),
            "asks_card": _(
                "Chaque créneau réservé prend une entrée d’une carte, que vous donnez sur la page de "
                "l’inscription."
            ),
            "asks_times": _("Sans cette case, la tablette demande seulement qui est là."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office = is_office_of(self.actor, self.instance.structure.authority_id)
        self.fields["decided_by"].disabled = not office
        if self.instance.kind == ActivityKind.CANTEEN:
            self.fields["unpaid"] = forms.ChoiceField(
                label=self.fields["unpaid"].label,
                choices=[(one.value, one.label) for one in (Unpaid.NOTHING, Unpaid.WARN)],
                help_text=_(
                    "Un rappel au plus\u00a0: un enfant n’est pas privé de cantine pour une facture."
                ),
            )


class ActivityForm(NameForm):
    """A new activity: what it cannot do without. The rest is set on its page."""

    min_age_months = AgeField(label=FIRST_AGE)
    max_age_months = AgeField(label=LAST_AGE, is_last=True, required=False, help_text=LAST_AGE_HELP)
    first_day = DayField(label=_("Premier jour"))
    last_day = DayField(label=_("Dernier jour"))

    class Meta(NameForm.Meta):
        fields = (  # type: ignore[assignment]
            "name",
            "kind",
            "first_day",
            "last_day",
            "calendar",
            "min_age_months",
            "max_age_months",
            "enrolment_mode",
            "booking_mode",
        )
        labels = {"calendar": _("Calendrier")}


class GroupForm(EditForm):
    min_age_months = AgeField(label=FIRST_AGE)
    max_age_months = AgeField(label=LAST_AGE, is_last=True, required=False, help_text=LAST_AGE_HELP)

    class Meta:
        model = AgeGroup
        fields = ("name", "min_age_months", "max_age_months")
        help_texts = {"name": _("Par exemple « 3–5 ans ».")}


class SlotForm(EditForm):
    starts = HourField(label=_("Début"))
    ends = HourField(label=_("Fin"))
    weekdays = WeekdaysField(label=_("Jours de la semaine"), required=False)

    class Meta:
        model = Slot
        fields = (
            "name",
            "starts",
            "ends",
            "weekdays",
            "days",
            "has_meal",
            "by_hour",
            "one_off",
            "excludes",
            "requires",
            "parting",
            "includes",
            "order",
        )
        field_classes = {
            "excludes": RowsField,
            "requires": RowsField,
            "includes": RowsField,
            "order": OrderField,
        }
        labels = {
            "days": _("Ouvert"),
            "by_hour": _("La famille choisit l’heure d’arrivée et de départ"),
            "one_off": _("Pour des sorties : les dates sont choisies une à une"),
            "excludes": _("Un enfant ne peut pas avoir aussi, le même jour"),
            "requires": _("Un enfant doit avoir aussi, le même jour, l’un de"),
            "parting": _("Si la famille annule ce créneau-là"),
            "includes": _("Comprend déjà"),
        }
        help_texts = {
            "name": _("Par exemple « Matin », « Repas »."),
            "requires": _("Aussi d’autres activités : pas de navette sans la sortie."),
            "parting": _(
                "Une fermeture, une fin d’inscription ou un refus ne peuvent pas être empêchés : "
                "ce qui ne part pas avec reste, et les agents en sont prévenus."
            ),
            "order": ORDER_HELP,
        }
        widgets = {"parting": forms.RadioSelect}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["days"].choices = [(key.value, label) for key, label in DAYS.items()]  # type: ignore[attr-defined]
        own = Slot.objects.filter(activity_id=self.instance.activity_id).exclude(pk=self.instance.pk)
        self._among("includes", own, own)
        others = linkable_slots(self.actor, self.instance)
        for name in ("excludes", "requires"):
            held = getattr(self.instance, name).all() if self.instance.pk else Slot.objects.none()
            self._among(name, own, Slot.objects.filter(Q(pk__in=others) | Q(pk__in=held)))
        if "requires" in self.fields:
            self.fields["parting"].required = False
        else:
            del self.fields["parting"]

    def clean_parting(self) -> str:
        """As it is, where nothing is said of it."""
        return str(self.cleaned_data["parting"] or self.instance.parting)

    def _among(self, name: str, own: QuerySet[Slot], others: QuerySet[Slot]) -> None:
        """Those of the activity, then those of each other one under its name."""
        found = own | others
        rows = found.select_related("activity").order_by("activity__order", "activity__name", "order", "pk")
        choices: list[Any] = []
        elsewhere: dict[str, list[tuple[int, str]]] = {}
        for row in rows:
            mine = row.activity_id == self.instance.activity_id
            (choices if mine else elsewhere.setdefault(row.activity.name, [])).append((row.pk, row.name))
        field: Any = self.fields[name]
        field.queryset, field.choices = found, [*choices, *elsewhere.items()]
        if not field.choices:
            del self.fields[name]


class QuestionForm(EditForm):
    choices = LinesField(
        label=_("Réponses possibles"),
        required=False,
        help_text=_("Une par ligne, seulement pour un choix dans une liste."),
    )

    class Meta:
        model = Question
        fields = ("text", "kind", "choices", "required", "order")
        field_classes = {"order": OrderField}
        widgets = {"kind": forms.RadioSelect}
        labels = {"text": _("Question"), "required": _("Il faut y répondre pour envoyer la demande")}
        help_texts = {
            "text": _(
                "Comme la famille la lit : « Votre enfant sait-il nager ? ». Rien de santé : "
                "c’est dans la fiche sanitaire, que peu d’agents lisent."
            ),
            "order": ORDER_HELP,
        }


class BoundForm(EditForm):
    """« Combien réserver »: so much in each span."""

    n = NumberField(
        label=_("Combien"),
        min_value=1,
        max_value=MOST_BOOKED,
        required=False,
        help_text=_("Rien pour des jours qui se suivent."),
    )
    since = DayField(label=_("Pour les jours à partir du"))
    until = DayField(label=_("Jusqu’au"), required=False, help_text=_("Vide : sans fin."))

    class Meta:
        model = BookingBound
        fields = ("kind", "n", "unit", "each", "whose", "slots", "since", "until", "then")
        field_classes = {"slots": RowsField}
        widgets = dict.fromkeys(("kind", "unit", "each", "whose", "then"), forms.RadioSelect)
        labels = {
            "kind": _("Ce que l’on peut réserver"),
            "unit": _("Ce qui est compté"),
            "each": _("Dans quelle durée"),
            "whose": _("Compté"),
            "slots": _("Seulement ces créneaux"),
        }
        help_texts = {
            "unit": _(
                "Un jour compte une fois, quels que soient ses créneaux. Ce qui attend une place compte."
            ),
            "slots": _("Aucun de coché : tous ceux de l’activité."),
            "then": _("Pour un minimum seulement : une fois que plus rien ne peut y être réservé."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        slots = Slot.objects.filter(activity_id=self.instance.activity_id).order_by("order", "pk")
        field: Any = self.fields["slots"]
        field.queryset, field.choices = slots, list(slots.values_list("pk", "name"))

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("kind") == BoundKind.RUN:
            given |= {"n": 1, "unit": Unit.DAYS.value, "whose": Whose.CHILD.value}
        elif "n" in given and given["n"] is None:
            self.add_error("n", gettext("Donnez un nombre."))
        if given.get("since") and given.get("until") and given["until"] < given["since"]:
            self.add_error("until", gettext("La fin vient avant le début."))
        return given


class GaugeForm(EditForm):
    """The first capacity is asked with a new gauge; the next ones are dated, on their own page."""

    capacity = NumberField(label=_("Places"), min_value=0, max_value=MOST_PLACES)
    since = DayField(label=_("Depuis le"))

    class Meta:
        model = Gauge
        fields = ("name", "unit")
        labels = {"unit": _("Les places se comptent")}
        help_texts = {"name": _("Par exemple « Matin, 3–5 ans », « Salle à manger », « Bâtiment ».")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["capacity"], self.fields["since"], self.fields["unit"]
