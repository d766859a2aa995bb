"""Authorities, communes, calendars, schools, structures, papers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from marelle.activities import models as activities
from marelle.definitions.kinds.kind import (
    Kind,
    ids,
    labels,
    name,
    text,
)
from marelle.definitions.rules import (
    Levels,
)
from marelle.definitions.values import (
    DAY,
    MAIL,
    POSTAL_CODE,
    SIRET,
    WEEKDAYS_LIST,
    YES_NO,
    Choice,
    Field,
    Reference,
    Several,
    Text,
    whole,
)
from marelle.mail.models import Wording
from marelle.mail.wording import SUBJECT_LENGTH, TEXT_LENGTH
from marelle.papers.models import PaperType
from marelle.papers.rules import About, Validity
from marelle.places.look import texts_shown
from marelle.places.models import (
    Authority,
    Calendar,
    CalendarSpan,
    Closure,
    Commune,
    IncomesCount,
    Look,
    School,
    Structure,
    StructureContact,
    StructureKind,
    Zone,
)
from marelle.places.rules import TEEN_AGE, TEEN_AGES, SpanKind
from marelle.places.texts import TEXT_LENGTH as PAGE_TEXT_LENGTH
from marelle.places.texts import TEXTS


def _page_text(code: str) -> Callable[[Any], str]:
    def shown(row: Authority) -> str:
        look = Look.objects.filter(authority=row).first()
        return texts_shown(look.texts if look else {})[code]

    return shown


def _gauges() -> Iterable[activities.Gauge]:
    """But those of one outing, which come with it."""
    outings = activities.Gauge.objects.filter(draws=None, quotas__openings__slot__one_off=True)
    return activities.Gauge.objects.exclude(pk__in=outings.values("pk")).order_by("structure", "pk")


MAIL_WORDS: Final = Kind(
    "mail_words",
    "courriels",
    Wording,
    (
        text(
            "modèle",
            "kind",
            80,
            "Comme « enrolments/accepted » ; sans lui, la signature de tous.",
            fixed=True,
        ),
        text("objet", "subject", SUBJECT_LENGTH),
        text("au début", "before", TEXT_LENGTH),
        text("à la fin", "after", TEXT_LENGTH),
    ),
    "Ce que la collectivité ajoute aux courriels du portail.",
    parent="authority",
    called=lambda row: row.kind or "signature",
)

AUTHORITY: Final = Kind(
    "authority",
    "collectivités",
    Authority,
    (
        name(120),
        name(40, "nom court", "short_name"),
        Field("SIRET", "siret", SIRET, default=""),
        Field("courriel", "email", MAIL, default=""),
        text("téléphone", "phone", 30),
        text("adresse", "address", 200),
        text("direction de la publication", "publication_director", 120, "Pour les mentions légales."),
        text("hébergeur", "host_name", 120),
        text("adresse de l’hébergeur", "host_address", 200),
        text("téléphone de l’hébergeur", "host_phone", 30),
        text("délégué à la protection des données", "dpo_name", 120),
        Field("courriel du délégué", "dpo_email", MAIL, default=""),
        Field("courriel pour l’accessibilité", "accessibility_email", MAIL, default=""),
        Field(
            "conformité au RGAA",
            "accessibility_rate",
            whole(0, 100),
            "En %, avec la date de l’audit.",
            default=None,
        ),
        Field("audit du", "accessibility_audited_on", DAY, default=None),
        Field(
            "un revenu qui change compte",
            "incomes_count",
            Choice(
                {
                    IncomesCount.NEXT_MONTH.value: "du mois suivant",
                    IncomesCount.ITS_DATE.value: "de sa date",
                }
            ),
            default=IncomesCount.NEXT_MONTH.value,
        ),
        Field("âge d’un compte à soi", "teen_age", whole(*TEEN_AGES), default=TEEN_AGE),
    ),
    "La première est celle dont le portail porte le nom : elle garde les dossiers des familles.",
    parts=(MAIL_WORDS,),
    rows=lambda: Authority.objects.order_by("pk"),
)

PORTAL: Final = Kind(
    "portal",
    "portail",
    Authority,
    (
        *(
            text(
                word,
                code,
                PAGE_TEXT_LENGTH,
                str(TEXTS[code].label),
                default=str(TEXTS[code].default),
                of=_page_text(code),
            )
            for code, word in {
                "home_welcome": "bienvenue",
                "home_no_access": "sans accès",
                "first_connection": "première connexion",
                "request_received": "demande envoyée",
                "contact_lead": "contactez la structure",
            }.items()
        ),
    ),
    "Les textes des pages publiques ; sans eux, ceux du portail.",
    rows=lambda: Authority.objects.order_by("pk")[:1],
    is_single=True,
)

COMMUNE: Final = Kind(
    "commune",
    "communes",
    Commune,
    (
        name(80),
        Field("code postal", "postal_code", POSTAL_CODE),
        Field(
            "collectivités",
            "authorities",
            Several(Reference("authority")),
            "Celles dont ses familles sont les habitants.",
            default=(),
            of=ids("authorities"),
        ),
        Field(
            "conventions",
            "agreements",
            Several(Reference("authority")),
            "Celles avec lesquelles elle a une convention.",
            default=(),
            of=ids("agreements"),
        ),
    ),
    rows=lambda: Commune.objects.order_by("name", "postal_code"),
)

SPAN: Final = Kind(
    "span",
    "jours corrigés",
    CalendarSpan,
    (
        Field(
            "nature",
            "kind",
            Choice(
                {
                    SpanKind.SCHOOL_HOLIDAY.value: "vacances",
                    SpanKind.PUBLIC_HOLIDAY.value: "jour férié",
                    SpanKind.CLOSURE.value: "fermeture",
                }
            ),
        ),
        name(80),
        Field("du", "first_day", DAY),
        Field("au", "last_day", DAY),
        Field(
            "en vigueur",
            "active",
            YES_NO,
            "non : ces jours que l’État publie ne comptent pas ici.",
            default=True,
        ),
    ),
    "Ce qui diffère de ce que l’État publie (pont, vacances d’une île, rentrée décalée).",
    parent="calendar",
    called=lambda row: f"{row.name} {row.first_day.year}",
    rows=lambda: CalendarSpan.objects.filter(corrected=True).order_by("first_day", "pk"),
)

CALENDAR: Final = Kind(
    "calendar",
    "calendriers",
    Calendar,
    (
        name(80),
        Field(
            "zone",
            "zone",
            Choice({one.value: one.value for one in Zone}),
            "A, B ou C : les vacances de l’État suivent.",
        ),
        Field(
            "jours d’école",
            "school_weekdays",
            WEEKDAYS_LIST,
            of=lambda row: tuple(sorted(row.school_weekdays)),
        ),
    ),
    parts=(SPAN,),
    rows=lambda: Calendar.objects.order_by("name"),
)

SCHOOL: Final = Kind(
    "school",
    "écoles",
    School,
    (
        name(80),
        Field("commune", "commune", Reference("commune"), of=lambda row: row.commune_id),
        Field("calendrier", "calendar", Reference("calendar"), of=lambda row: row.calendar_id),
    ),
    rows=lambda: School.objects.order_by("name", "pk"),
)

CONTACT: Final = Kind(
    "contact",
    "contacts",
    StructureContact,
    (
        name(120, "pour", "label"),
        text("âges", "ages", 60),
        Field("courriel", "email", MAIL, default=""),
        text("téléphone", "phone", 30),
    ),
    parent="structure",
    called=lambda row: row.label,
    is_ordered=True,
)

GAUGE: Final = Kind(
    "gauge",
    "jauges",
    activities.Gauge,
    (
        name(120),
        Field(
            "comptée",
            "unit",
            Choice(
                {
                    activities.Gauge.Unit.DAY.value: "par jour",
                    activities.Gauge.Unit.HALF_HOUR.value: "par demi-heure",
                }
            ),
            default=activities.Gauge.Unit.DAY.value,
        ),
        Field(
            "places",
            "capacities",
            Levels(),
            "Un nombre, ou un nombre par date à partir de laquelle il compte.",
            of=lambda row: tuple(row.levels.order_by("since").values_list("since", "capacity")),
        ),
    ),
    "Un nombre de places dont la direction répond : les matins d’un groupe, une salle, un bâtiment.",
    parent="structure",
    rows=_gauges,
)

CLOSURE: Final = Kind(
    "closure",
    "fermetures",
    Closure,
    (
        Field("raison", "reason", Text(120), "Les familles la lisent.", fixed=True),
        text("mot aux familles", "words", 500, fixed=True),
        Field("du", "first_day", DAY, fixed=True),
        Field("au", "last_day", DAY, fixed=True),
    ),
    parent="structure",
    called=lambda row: f"{row.reason} {row.first_day.year}",
    rows=lambda: Closure.objects.whole().order_by("first_day", "pk"),
)

STRUCTURE: Final = Kind(
    "structure",
    "structures",
    Structure,
    (
        Field(
            "collectivité", "authority", Reference("authority"), fixed=True, of=lambda row: row.authority_id
        ),
        name(120),
        Field("nature", "kind", labels(StructureKind)),
        text("rue", "street", 120),
        Field("commune", "commune", Reference("commune"), of=lambda row: row.commune_id),
    ),
    parts=(CONTACT, GAUGE, CLOSURE),
    is_ordered=True,
)

PAPER_TYPE: Final = Kind(
    "paper_type",
    "documents",
    PaperType,
    (
        Field(
            "collectivité", "authority", Reference("authority"), fixed=True, of=lambda row: row.authority_id
        ),
        name(120, "nom", "title"),
        Field("pourquoi", "why", Text(500), "La famille le lit."),
        text("sans lui", "stake", 300),
        Field(
            "de qui",
            "about",
            Choice(
                {
                    About.FAMILY.value: "le foyer",
                    About.ADULT.value: "chaque responsable",
                    About.CHILD.value: "l’enfant",
                }
            ),
        ),
        Field("demandé à tous", "asked_of_all", YES_NO, default=False),
        Field("obligatoire", "mandatory", YES_NO, default=True),
        Field(
            "valable",
            "validity",
            Choice(
                {
                    Validity.NONE.value: "sans limite",
                    Validity.MONTHS.value: "des mois",
                    Validity.SCHOOL_YEAR.value: "l’année scolaire",
                    Validity.DATED.value: "sa date",
                }
            ),
            default=Validity.NONE.value,
        ),
        Field("mois", "validity_months", whole(1), default=None),
        Field("document de santé", "is_health", YES_NO, default=False),
        Field("demandé en ce moment", "active", YES_NO, default=True),
    ),
    "Ce que l’on demande aux familles ; « documents demandés » d’une activité dit où.",
    called=lambda row: row.title,
    is_ordered=True,
)
