"""How an authority bills, reminds and is paid; how long things are kept, and how one comes in.

Not in a file: what money goes by (PayFiP, SEPA), since the file of a village is copied for another; nor
payers who are people.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext
from yaml import ScalarNode

from marelle.billing.addressed import PayerKind
from marelle.billing.models import BillingTerms, Payer, ReminderStep, Treasury, TresorTerms
from marelle.billing.models.reminders import LONGEST, TITLE_LENGTH
from marelle.billing.models.runs import MOST_MONTHS_BACK
from marelle.billing.reminders.rules import Way
from marelle.billing.tresor.checks import ACRONYM
from marelle.billing.tresor.keys import PeriodRule
from marelle.billing.tresor.pieces import Sort
from marelle.billing.tresor.texts import latin, text_of
from marelle.core.actor import Role
from marelle.definitions.kinds.kind import Kind, text
from marelle.definitions.kinds.prices import AUTHORITY
from marelle.definitions.reading import UNREAD, At, Node, key_plain, pairs
from marelle.definitions.values import (
    DAY,
    DECIMAL,
    MAIL,
    SIRET,
    YES_NO,
    Choice,
    Field,
    Mapped,
    Plain,
    Text,
    Typed,
    Value,
    whole,
)
from marelle.mail.wording import TEXT_LENGTH
from marelle.places.delays import DELAYS, months_kept
from marelle.places.lives import BOUNDS, FAMILY, Life, LifeBounds, lives
from marelle.places.models import Authority, Delay, SecondRule, SessionLife
from marelle.places.second import second_rules

LONG: Final = 1500
OTHERS: Final = "autres"
"""In a file, the code of all that has none of its own."""


def _month(typed: str) -> date:
    found = re.fullmatch(r"(\d{1,2})/(\d{4})", typed)
    if found is None:
        raise ValueError
    return date(int(found[2]), int(found[1]), 1)


def _acronym(typed: str) -> str:
    if text_of(typed, ACRONYM) != latin(typed):
        raise ValueError
    return latin(typed)


def _digits(expected: str, form: str) -> Typed:
    def read(typed: str) -> str:
        if not re.fullmatch(form, typed, re.ASCII):
            raise ValueError
        return typed

    return Typed(expected, read)


MONTH: Final = Typed("un mois comme 09/2026", _month, lambda day: f"{day:%m/%Y}")


@dataclass(frozen=True)
class Codes(Value):
    """The code of each name of ours, or one alone for all."""

    code: Typed

    def read(self, node: Node, at: At) -> Any:
        if isinstance(node, ScalarNode):
            read = self.code.read(node, at)
            return UNREAD if read is UNREAD else {"": read}
        found = {}
        for key, word, value in pairs(node, at):
            ours = "" if key_plain(word) == OTHERS else word
            if len(ours) > 12:
                at.under(word).fault(key, gettext("12 caractères au plus."))
            found[ours] = self.code.read(value, at.under(word))
        return UNREAD if UNREAD in found.values() else found

    def write(self, value: Any) -> Plain:
        if set(value) == {""}:
            return value[""]
        return {ours or OTHERS: code for ours, code in sorted(value.items())}


TREASURY: Final = Kind(
    "treasury",
    "trésoreries",
    Treasury,
    (
        AUTHORITY,
        Field("nom", "name", Text(120)),
        Field("adresse", "address", Text(200)),
        text("horaires", "hours", 200),
        text("téléphone", "phone", 30),
        Field("courriel", "email", MAIL, default=""),
        Field("comment payer", "how_to_pay", Text(LONG)),
        Field("comment contester", "how_to_contest", Text(LONG)),
        text("tribunal", "court", 200, "Son nom et son adresse, pour les factures faites ici."),
        Field("signataire", "signatory", Text(120)),
        Field("qualité du signataire", "signatory_capacity", Text(120)),
        text("formule exécutoire", "executory", 600, "Sans elle, celle du portail."),
    ),
    "Ce que les factures disent : une par collectivité. L’identifiant PayFiP se saisit à l’écran.",
    rows=lambda: Treasury.objects.order_by("authority"),
)

BILLING: Final = Kind(
    "billing",
    "façons de facturer",
    BillingTerms,
    (
        AUTHORITY,
        Field("à compter de", "since", MONTH, "Ce mois et les suivants, jusqu’à une autre.", fixed=True),
        Field("factures faites ici", "made_here", YES_NO, "non : importées par fichier.", default=True),
        Field("attend en dessous de", "threshold", DECIMAL, "En euros.", default=Decimal(15)),
        Field("mois revus", "months_back", whole(0, MOST_MONTHS_BACK), default=3),
        Field("jours pour payer", "days_to_pay", whole(1, 90), default=30),
        Field("une facture par régie", "by_regie", YES_NO, default=False),
    ),
    "Un mois qui a été facturé ne change plus.",
    called=lambda row: f"{row.authority.short_name} {row.since:%Y-%m}",
    rows=lambda: BillingTerms.objects.select_related("authority").order_by("authority", "since"),
)

TRESOR: Final = Kind(
    "tresor",
    "envois au Trésor",
    TresorTerms,
    (
        AUTHORITY,
        Field(
            "format",
            "layout",
            Choice({TresorTerms.Layout.PES.value: "PES", TresorTerms.Layout.CSV.value: "CSV"}),
            "PES ou CSV",
            default=TresorTerms.Layout.PES.value,
        ),
        Field(
            "en",
            "sort",
            Choice({Sort.ROLE.value: "rôle", Sort.TITLES.value: "titres"}),
            "rôle ou titres",
            default=Sort.ROLE.value,
        ),
        Field("codique", "post", _digits("un codique de six ou sept chiffres", r"\d{6,7}")),
        Field("code collectivité", "collection", _digits("un code de trois chiffres", r"\d{3}")),
        Field("sigle", "acronym", Typed("un sigle que le Trésor prend", _acronym)),
        Field(
            "période",
            "period",
            Choice(
                {
                    PeriodRule.LAST_DIGIT.value: "le dernier chiffre du mois",
                    PeriodRule.QUARTER.value: "le trimestre",
                    PeriodRule.NONE.value: "aucune",
                }
            ),
            "le dernier chiffre du mois, le trimestre, aucune",
        ),
        Field("clé de contrôle", "with_key", YES_NO, default=True),
        Field(
            "budgets",
            "budgets",
            Codes(_digits("un code de deux chiffres", r"\d{2}")),
            "Un code, ou celui de chaque budget des tarifs, et « autres ».",
        ),
        Field(
            "produits",
            "products",
            Codes(_digits("quatre lettres ou chiffres au plus", r"[A-Za-z0-9]{1,4}")),
            "Un code, ou celui de chaque code comptable des tarifs, et « autres ».",
        ),
    ),
    "Comme le comptable l’a convenu : une par collectivité. L’identifiant SEPA se saisit à l’écran.",
    called=lambda row: row.authority.short_name,
    rows=lambda: TresorTerms.objects.select_related("authority").order_by("authority"),
)

REMINDER: Final = Kind(
    "reminder",
    "relances",
    ReminderStep,
    (
        AUTHORITY,
        Field("jours", "days", whole(1, LONGEST), "Après la date à laquelle il fallait payer."),
        Field("titre", "title", Text(TITLE_LENGTH)),
        Field("texte", "text", Text(TEXT_LENGTH)),
        Field(
            "envoi",
            "way",
            Choice({Way.MAIL.value: "courriel", Way.LETTER.value: "lettre", Way.BOTH.value: "les deux"}),
            "courriel, lettre, les deux",
            default=Way.MAIL.value,
        ),
    ),
    "Ce qui part pour une facture en retard. Sans étape, rien ne part.",
    called=lambda row: row.title,
    rows=lambda: ReminderStep.objects.order_by("authority", "days"),
)

PAYER: Final = Kind(
    "payer",
    "payeurs",
    Payer,
    (
        AUTHORITY,
        Field("nom", "last_name", Text(80)),
        Field(
            "nature",
            "kind",
            Choice({one.value: str(one.label) for one in PayerKind if one is not PayerKind.PERSON}),
            "commune, groupement de collectivités, département, CCAS, CAF, État, association, société…",
        ),
        Field("SIRET", "siret", SIRET, default=""),
        text("complément d’adresse", "more", 120),
        Field("rue", "street", Text(120)),
        Field("code postal", "postal_code", Text(10)),
        Field("commune", "city", Text(80)),
        text("pays", "country", 60),
        Field("courriel", "email", MAIL, default=""),
    ),
    "Qui paie à la place d’un foyer. Ce qu’il paie, et pour qui, se décide à l’écran.",
    called=str,
    rows=lambda: Payer.objects.exclude(kind=PayerKind.PERSON).order_by("authority", "last_name", "pk"),
)


def _first() -> Any:
    return Authority.objects.order_by("pk")[:1]


def _months(code: str) -> Callable[[Any], int]:
    return lambda _row: months_kept()[code]


def _life(holder: str) -> Callable[[Any], Life]:
    return lambda _row: lives.read()[holder]


def _since(role: Role) -> Callable[[Any], date | None]:
    return lambda _row: second_rules.read().get(role)


def _lived(bounds: LifeBounds) -> Mapped:
    least, most = bounds.least, bounds.most
    return Mapped(
        (
            Field("minutes sans rien ouvrir", "idle_minutes", whole(least.idle_minutes, most.idle_minutes)),
            Field("heures en tout", "whole_hours", whole(least.whole_hours, most.whole_hours)),
        ),
        Life,
    )


KEPT_WORDS: Final = {
    "connections": "connexions",
    "acts": "actes",
    "health": "santé",
    "dormant": "foyers sans nouvelles",
    "papers": "documents",
    "outsiders": "sans dossier",
    "staff": "personnel",
    "mails": "courriels",
}
HOLDERS: Final = {
    FAMILY: "familles",
    Role.ANIMATOR.value: "animation",
    Role.DIRECTOR.value: "direction",
    Role.OFFICE.value: "guichet",
    Role.ADMINISTRATOR.value: "administration",
}

DELAY: Final = Kind(
    "delay",
    "conservation",
    Delay,
    tuple(
        Field(
            KEPT_WORDS[code],
            code,
            whole(one.least, one.most),
            f"{one.label} ({one.least} à {one.most} mois)",
            default=one.default,
            of=_months(code),
        )
        for code, one in DELAYS.items()
    ),
    "Combien de mois chaque chose est gardée ; sans eux, les délais du portail.",
    rows=_first,
    is_single=True,
)

LIFE: Final = Kind(
    "life",
    "durées de connexion",
    SessionLife,
    tuple(
        Field(HOLDERS[holder], holder, _lived(bounds), default=bounds.default, of=_life(holder))
        for holder, bounds in BOUNDS.items()
    ),
    rows=_first,
    is_single=True,
)

SECOND: Final = Kind(
    "second",
    "double authentification",
    SecondRule,
    tuple(
        Field(HOLDERS[role.value], role.value, DAY, default=None, of=_since(role))
        for role in (Role.ANIMATOR, Role.DIRECTOR, Role.OFFICE, Role.ADMINISTRATOR)
    ),
    "Exigée de chaque rôle à partir d’un jour.",
    rows=_first,
    is_single=True,
)

BILLS: Final = (TREASURY, BILLING, TRESOR, REMINDER, PAYER)
SETTINGS: Final = (DELAY, LIFE, SECOND)
