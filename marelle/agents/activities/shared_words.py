"""What the authorities share, in French: one section a kind, each row with its page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from marelle.activities.services.shared import shared_rows
from marelle.agents.activities.sections import Row
from marelle.agents.activities.year.copy_words import year_text
from marelle.agents.billed import billed_lines
from marelle.core.actor import Actor
from marelle.core.french import join_and, range_sentence, weekday_name
from marelle.flows.catalogue.shared import Followed
from marelle.places.models import Authority, Calendar, CalendarSpan, Commune, School


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    lead: str
    rows: list[Row]
    add: str
    url: str


def sections(actor: Actor, *, day: date) -> list[Section]:
    """In the order in which a portal is set up; six queries. Of spans, those that are not over."""
    authorities = [_row("collectivites", one, one.short_name) for one in shared_rows(actor, Authority)]
    communes = shared_rows(actor, Commune).prefetch_related("authorities")
    schools = shared_rows(actor, School).select_related("commune", "calendar")
    spans = shared_rows(actor, CalendarSpan).filter(corrected=True, last_day__gte=day)
    found = [
        _section(
            "communes",
            _("Communes"),
            _("Leurs habitants réservent parfois avant les autres, et n’ont pas le même tarif."),
            [_row("communes", one, _commune(one)) for one in communes],
            _("Ajouter une commune"),
        ),
        _section(
            "calendriers",
            _("Calendriers"),
            _("Quels jours sont d’école, de vacances ou fériés ; les vacances sont celles de l’État."),
            [_row("calendriers", one, _calendar(one)) for one in shared_rows(actor, Calendar)],
            _("Ajouter un calendrier"),
        ),
        _section(
            "periodes",
            _("Jours ajoutés à un calendrier"),
            _("Un pont, une journée sans école. Calculez ensuite les ouvertures des activités."),
            [_row("periodes", one, _span(one), one.name) for one in spans.select_related("calendar")],
            _("Ajouter des jours"),
        ),
        _section(
            "ecoles",
            _("Écoles"),
            _("Celles que les enfants fréquentent et que les activités desservent."),
            [_row("ecoles", one, f"{one.commune} · {one.calendar}") for one in schools],
            _("Ajouter une école"),
        ),
    ]
    if not actor.is_administrator:
        return found
    lead = _("La première est celle dont c’est le portail.")
    first = _section("collectivites", _("Collectivités"), lead, authorities, _("Ajouter une collectivité"))
    return [first, *found]


def _section(kind: str, title: str, lead: str, rows: list[Row], add: str) -> Section:
    return Section(title, lead, rows, add, reverse("agents_activities:shared_add", args=[kind]))


def _row(
    kind: str, row: Authority | Commune | School | Calendar | CalendarSpan, detail: str, name: str = ""
) -> Row:
    return Row(name or str(row), detail, reverse("agents_activities:shared_change", args=[kind, row.pk]))


def _commune(commune: Commune) -> str:
    names = join_and([authority.short_name for authority in commune.authorities.all()])
    told = _("habitants de : %(names)s") % {"names": names} if names else _("hors du territoire")
    return f"{commune.postal_code} · {told}"


def _calendar(calendar: Calendar) -> str:
    days = join_and([weekday_name(number) for number in calendar.school_weekdays])
    return _("%(zone)s · école : %(days)s") % {"zone": calendar.get_zone_display(), "days": days}


def _span(span: CalendarSpan) -> str:
    return f"{span.calendar} · {range_sentence(span.first_day, span.last_day)}"


def billed_texts(done: Followed) -> list[str]:
    """The months that are billed of the authorities for which homes live elsewhere."""
    return [line for pk in sorted(done.authorities) for line in billed_lines(pk, done.since)]


def followed_text(done: Followed) -> str:
    """What followed from the row that was written; "" for nothing."""
    if done.years is not None:
        if not done.years:
            return _(
                "Ses vacances ne sont pas encore publiées : ajoutez-les comme des jours de ce calendrier."
            )
        years = join_and([year_text(year) for year in done.years])
        return _("Les vacances de %(years)s ont été lues ; les activités de ce calendrier suivent.") % {
            "years": years
        }
    if done.residences:
        return ngettext(
            "%(count)d adresse de famille y est maintenant rattachée.",
            "%(count)d adresses de familles y sont maintenant rattachées.",
            done.residences,
        ) % {"count": done.residences}
    return ""
