"""Activities, and all that defines one."""

from __future__ import annotations

from typing import Any, Final

from marelle.activities import models as activities
from marelle.activities.absences import LONGEST_WAITING, MOST_UNANNOUNCED, Within
from marelle.activities.audiences import AudienceKind
from marelle.activities.bounds import BoundKind, Each, Then, Unit, Whose
from marelle.activities.generation import DayScope
from marelle.activities.kinds import (
    ActivityKind,
    BookingMode,
    Decider,
    EnrolmentMode,
    Parting,
    QuestionKind,
    Supervision,
    Unpaid,
)
from marelle.activities.rules import After, Counting
from marelle.definitions.kinds.kind import (
    COMMUNES,
    SCHOOLS,
    SINCE,
    SLOT,
    SLOTS,
    UNTIL,
    WEEKDAYS,
    Kind,
    ids,
    labels,
    name,
    text,
)
from marelle.definitions.rules import (
    AUDIENCES,
    COUNTINGS,
    LIMIT,
    PROOF,
    WAVE,
    Draws,
    Need,
    Needs,
    wave_held,
)
from marelle.definitions.values import (
    DAY,
    FIRST_AGE,
    HOUR,
    INSTANT,
    LAST_AGE,
    WEEKDAYS_LIST,
    YES_NO,
    Choice,
    Field,
    Reference,
    Several,
    Text,
    whole,
)
from marelle.families.rules import LEVELS
from marelle.papers.models import PaperNeed
from marelle.papers.rules import Effect


def _drawn(row: activities.Slot) -> tuple[tuple[int | tuple[()], tuple[int, ...]], ...]:
    found: dict[int | tuple[()], list[int]] = {}
    for draw in row.draws.all():
        found.setdefault(draw.group_id or (), []).append(draw.gauge_id)
    return tuple((group, tuple(gauges)) for group, gauges in found.items())


def _needed(row: activities.Activity) -> tuple[tuple[int, Need], ...]:
    needs = PaperNeed.objects.filter(activity=row)
    return tuple((need.paper_type_id, Need(Effect(need.effect), need.bookings_from)) for need in needs)


GROUP: Final = Kind(
    "group",
    "groupes",
    activities.AgeGroup,
    (
        name(40),
        Field("âge minimum", "min_age_months", FIRST_AGE),
        Field("âge maximum", "max_age_months", LAST_AGE, default=None),
    ),
    parent="activity",
)

SLOT_KIND: Final = Kind(
    "slot",
    "créneaux",
    activities.Slot,
    (
        name(60),
        Field("de", "starts", HOUR),
        Field("à", "ends", HOUR),
        Field("jours", "weekdays", WEEKDAYS_LIST, default=(), of=lambda row: tuple(sorted(row.weekdays))),
        Field(
            "quand",
            "days",
            Choice(
                {
                    DayScope.TERM.value: "école",
                    DayScope.HOLIDAYS.value: "vacances",
                    DayScope.BOTH.value: "école et vacances",
                }
            ),
            default=DayScope.TERM.value,
        ),
        Field("repas compris", "has_meal", YES_NO, default=False),
        Field("à l’heure", "by_hour", YES_NO, "oui : la famille choisit arrivée et départ.", default=False),
        Field("sorties", "one_off", YES_NO, "oui : ses dates se choisissent à la main.", default=False),
        Field(
            "exclut",
            "excludes",
            Several(Reference("slot")),
            "Pas les deux le même jour. D’une autre activité : activité/créneau.",
            default=(),
            later=True,
            of=ids("excludes"),
        ),
        Field(
            "demande",
            "requires",
            Several(Reference("slot")),
            "L’un de ceux-ci le même jour.",
            default=(),
            later=True,
            of=ids("requires"),
        ),
        Field(
            "si l’autre est annulé",
            "parting",
            Choice(
                {
                    Parting.HOLDS.value: "il le retient",
                    Parting.GOES.value: "il part avec lui",
                    Parting.STAYS.value: "il reste",
                }
            ),
            default=Parting.HOLDS.value,
        ),
        Field(
            "comprend",
            "includes",
            Several(Reference("slot")),
            "Ce qu’il donne déjà.",
            default=(),
            later=True,
            of=ids("includes"),
        ),
        Field(
            "jauges",
            "draws",
            Draws(),
            "Où il compte ses places ; par groupe : {petits: [matin-petits], tous: [salle]}.",
            default=(),
            later=True,
            of=_drawn,
        ),
    ),
    parent="activity",
    rows=lambda: activities.Slot.objects.prefetch_related("draws").order_by("order", "pk"),
    is_ordered=True,
)

QUESTION: Final = Kind(
    "question",
    "questions",
    activities.Question,
    (
        name(200, "question", "text"),
        Field(
            "réponse",
            "kind",
            Choice(
                {
                    QuestionKind.TEXT.value: "quelques mots",
                    QuestionKind.YES_NO.value: "oui ou non",
                    QuestionKind.CHOICE.value: "un choix",
                }
            ),
            default=QuestionKind.TEXT.value,
        ),
        Field(
            "choix",
            "choices",
            Several(Text(200), ordered=True),
            default=(),
            of=lambda row: tuple(row.choices),
        ),
        Field("obligatoire", "required", YES_NO, default=False),
    ),
    parent="activity",
    called=lambda row: row.text,
    is_ordered=True,
)


def _rule_called(row: Any) -> str:
    return f"{row.slot.name if row.slot else 'tous'} {row.since} {'-'.join(map(str, row.weekdays))}"


BOOKING_RULE: Final = Kind(
    "booking_rule",
    "délais",
    activities.BookingRule,
    (
        SLOT,
        Field("depuis", "since", DAY, "Pour les jours depuis cette date.", fixed=True),
        UNTIL,
        WEEKDAYS,
        Field(
            "réserver",
            "book",
            LIMIT,
            "limite : le début, jours avant, heures avant, semaines avant, mois d’avant, date, jamais.",
            of=lambda row: row.limit("book"),
        ),
        Field("annuler", "cancel", LIMIT, of=lambda row: row.limit("cancel")),
        Field(
            "passé le délai",
            "after",
            Choice(
                {
                    After.REFUSE.value: "refus",
                    After.LATE.value: "tardive",
                    After.WAIT.value: "liste d’attente",
                }
            ),
            default=After.REFUSE.value,
        ),
        Field(
            "ouvertures",
            "waves",
            Several(WAVE, ordered=True),
            "Depuis quand on réserve ; sans elles, depuis toujours.",
            default=(),
            of=lambda row: tuple(wave_held(wave) for wave in row.as_rule().waves),
        ),
    ),
    "Jusqu’à quand on réserve et on annule. Un délai qui a commencé ne change plus : un autre le suit.",
    parent="activity",
    called=_rule_called,
    rows=lambda: activities.BookingRule.objects.with_waves().select_related("slot").order_by("since", "pk"),
)

ABSENCE_RULE: Final = Kind(
    "absence_rule",
    "absences",
    activities.AbsenceRule,
    (
        SLOT,
        Field("depuis", "since", DAY, fixed=True),
        UNTIL,
        WEEKDAYS,
        Field("prévenir", "told", LIMIT, default=None, of=lambda row: row.as_rule().told),
        Field(
            "justificatifs",
            "proofs",
            Several(PROOF, ordered=True),
            "Les délais d’un justificatif, le plus court d’abord.",
            default=(),
            of=lambda row: row.as_rule().proofs,
        ),
        Field("jours de carence", "waiting_days", whole(0, LONGEST_WAITING), default=0),
        Field("carence en jours d’ouverture", "waiting_opened", YES_NO, default=False),
        Field("absences sans prévenir", "unannounced", whole(1, MOST_UNANNOUNCED), default=None),
        Field(
            "comptées sur",
            "within",
            Choice(
                {
                    Within.MONTH.value: "le mois",
                    Within.PERIOD.value: "la période",
                    Within.YEAR.value: "l’année",
                }
            ),
            default=Within.MONTH.value,
        ),
        Field("l’agent peut suspendre", "suspends", YES_NO, default=False),
    ),
    parent="activity",
    called=_rule_called,
    rows=lambda: activities.AbsenceRule.objects.with_delays().select_related("slot").order_by("since", "pk"),
)

BOUND: Final = Kind(
    "booking_bound",
    "plafonds",
    activities.BookingBound,
    (
        Field(
            "règle",
            "kind",
            Choice(
                {
                    BoundKind.MOST.value: "au plus",
                    BoundKind.LEAST.value: "au moins",
                    BoundKind.RUN.value: "jours qui se suivent",
                }
            ),
            default=BoundKind.MOST.value,
        ),
        Field("nombre", "n", whole(1)),
        Field(
            "compté en",
            "unit",
            Choice({Unit.SLOTS.value: "créneaux", Unit.DAYS.value: "jours"}),
            default=Unit.DAYS.value,
        ),
        Field(
            "chaque",
            "each",
            Choice({Each.WEEK.value: "semaine", Each.MONTH.value: "mois", Each.PERIOD.value: "période"}),
            default=Each.WEEK.value,
        ),
        Field(
            "pour",
            "whose",
            Choice({Whose.CHILD.value: "chaque enfant", Whose.HOME.value: "tout le foyer"}),
            default=Whose.CHILD.value,
        ),
        SLOTS,
        SINCE,
        UNTIL,
        Field(
            "sinon",
            "then",
            Choice({Then.TOLD.value: "le signaler", Then.CANCELLED.value: "annuler"}),
            default=Then.TOLD.value,
        ),
    ),
    parent="activity",
    called=lambda row: f"{row.n} {row.unit} {row.each} {row.since}",
)

CONDITION: Final = Kind(
    "booking_condition",
    "conditions",
    activities.BookingCondition,
    (
        SLOTS,
        SINCE,
        UNTIL,
        Field("âge minimum", "min_age_months", FIRST_AGE, default=None),
        Field("âge maximum", "max_age_months", LAST_AGE, default=None),
        Field(
            "classes",
            "levels",
            Several(Choice({one: one for one in LEVELS}), ordered=True),
            default=(),
            of=lambda row: tuple(row.levels),
        ),
        SCHOOLS,
        Field("document", "paper_type", Reference("paper_type"), default=None),
    ),
    parent="activity",
    called=lambda row: f"condition {row.since}",
)

KEPT: Final = Kind(
    "kept_places",
    "places gardées",
    activities.KeptPlaces,
    (
        Field("jauge", "gauge", Reference("gauge"), of=lambda row: row.gauge_id),
        name(80),
        Field("places", "places", whole(1)),
        Field(
            "pour",
            "audience",
            Choice({k.value: w for k, w in AUDIENCES.items() if k is not AudienceKind.ALL}),
        ),
        COMMUNES,
        SCHOOLS,
        SINCE,
        UNTIL,
        Field("jusqu’à combien de jours avant", "release_n", whole(), default=1),
        Field(
            "comptés en",
            "release_counting",
            Choice({k.value: w for k, w in COUNTINGS.items() if k is not Counting.WEEKDAYS}),
            default=Counting.CALENDAR.value,
        ),
        Field("à", "release_time", HOUR, default=None),
        Field("ou jusqu’au", "release_at", INSTANT, default=None),
    ),
    "Des places d’une jauge pour certains ; ensuite elles sont à tous.",
    parent="activity",
)

ACTIVITY: Final = Kind(
    "activity",
    "activités",
    activities.Activity,
    (
        Field("structure", "structure", Reference("structure"), fixed=True, of=lambda row: row.structure_id),
        name(120),
        Field("nature", "kind", labels(ActivityKind)),
        Field("calendrier", "calendar", Reference("calendar"), of=lambda row: row.calendar_id),
        Field("du", "first_day", DAY),
        Field("au", "last_day", DAY),
        text("description", "description", 2000),
        text("ce que cela coûte", "cost_text", 1000),
        Field("âge minimum", "min_age_months", FIRST_AGE),
        Field("âge maximum", "max_age_months", LAST_AGE, default=None),
        Field("âge compté au", "age_day", DAY, default=None),
        SCHOOLS,
        Field(
            "inscription",
            "enrolment_mode",
            Choice(
                {
                    EnrolmentMode.ASKED.value: "demandée",
                    EnrolmentMode.BY_STRUCTURE.value: "par la structure",
                    EnrolmentMode.NONE.value: "sans",
                }
            ),
        ),
        Field(
            "réservation",
            "booking_mode",
            Choice(
                {
                    BookingMode.PARENT.value: "par la famille",
                    BookingMode.VALIDATED.value: "validée par un agent",
                    BookingMode.STRUCTURE.value: "par la structure",
                    BookingMode.FREE.value: "sans",
                    BookingMode.ACCOMPANIED.value: "avec un adulte",
                }
            ),
        ),
        Field(
            "encadrement",
            "supervision",
            Choice(
                {
                    "": "celui de sa nature",
                    Supervision.HOLIDAYS.value: "extrascolaire",
                    Supervision.TERM.value: "périscolaire",
                    Supervision.TERM_PEDT.value: "périscolaire avec PEdT",
                    Supervision.SIX.value: "un pour six",
                    Supervision.WALKING.value: "un pour cinq ou huit",
                    Supervision.NONE.value: "aucun",
                }
            ),
            default="",
        ),
        Field(
            "qui décide",
            "decided_by",
            Choice({Decider.STRUCTURE.value: "la structure", Decider.OFFICE.value: "le guichet"}),
            default=Decider.STRUCTURE.value,
        ),
        Field("demandes ouvertes le", "requests_open_at", INSTANT, default=None),
        Field("demandes closes le", "requests_close_at", INSTANT, default=None),
        Field(
            "facture en retard",
            "unpaid",
            Choice(
                {
                    Unpaid.NOTHING.value: "rien",
                    Unpaid.WARN.value: "rappel",
                    Unpaid.REQUESTS.value: "pas de demande",
                    Unpaid.BOOKINGS.value: "pas de réservation",
                }
            ),
            default=Unpaid.NOTHING.value,
        ),
        Field("complète, ne prend plus de demande", "closes_when_full", YES_NO, default=False),
        Field("carte d’entrées", "asks_card", YES_NO, default=False),
        Field("heures d’arrivée et de départ", "asks_times", YES_NO, default=False),
        Field(
            "documents demandés",
            "needs",
            Needs(),
            "Une liste, ou par document ce que fait son manque.",
            default=(),
            later=True,
            of=_needed,
        ),
    ),
    parts=(GROUP, SLOT_KIND, BOOKING_RULE, ABSENCE_RULE, BOUND, CONDITION, KEPT, QUESTION),
    rows=lambda: activities.Activity.objects.order_by("order", "name", "pk"),
    is_ordered=True,
)
