"""« À faire » and « À savoir » in French: rows that lead where it is done, in the order of the rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from itertools import groupby

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from marelle.billing.selectors import DueInvoices
from marelle.campaigns.reading import Step
from marelle.core.french import (
    day_long,
    day_plain,
    euros_text,
    instant_long,
    join_and,
    month_text,
    range_sentence,
    until_short,
)
from marelle.flows.dashboard.rules import Task, Urgency, What, papers_named, urgency
from marelle.flows.dashboard.selectors import Dashboard
from marelle.papers.rules import Standing
from marelle.papers.selectors import WaitingPaper
from marelle.planning.short_words import short_text, whose_text
from marelle.portal.dashboard.words import near, slot_text
from marelle.portal.papers.words import paper_url
from marelle.shell.menus import MESSAGES
from marelle.ui.components import Row

SHOWN = 6
"""More would push the days and the menu out of sight; the others unfold below."""


def tasks(facts: Dashboard, now: datetime) -> tuple[Row, ...]:
    """In the order of the facts; those that cannot wait in red."""
    return tuple(_row(task, facts, now) for task in facts.todo)


def folded(rows: tuple[Row, ...]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Those that are shown, and those that unfold: never one alone, which would take as much room."""
    return (rows, ()) if len(rows) <= SHOWN + 1 else (rows[:SHOWN], rows[SHOWN:])


def changes(facts: Dashboard) -> tuple[Row, ...]:
    """What was refused, then what the structures call off of what was booked."""
    names = {line.id: line.first_name for line in facts.people}
    rows = [
        Row(
            _("%(child)s\u00a0: inscription refusée") % {"child": names.get(one.child_id, _("Votre enfant"))},
            f"/inscriptions/{one.child_id}/inscription/{one.enrolment_id}/",
            "enrolments",
            one.activity_name,
            tone="error",
        )
        for one in facts.refused
    ]
    if refused := 0 if facts.has_left else facts.waiting.refused:
        title = ngettext(
            "Une modification du dossier est refusée",
            "%(n)d modifications du dossier sont refusées",
            refused,
        )
        rows.append(
            Row(title % {"n": refused}, "/famille/", "family", _("La raison est sur la page."), tone="error")
        )
    return (*rows, *_refused_proofs(facts), *_lost(facts), *_campaigns(facts))


def _campaigns(facts: Dashboard) -> list[Row]:
    """What goes on of them, where the home has nothing to do."""
    return [
        Row(one.name, _campaign_url(one.id), "bookings", STEPS[one.step] % {"at": instant_long(one.at)})
        for one in facts.campaigns
        if one.step in STEPS
    ]


def _campaign_url(campaign_id: int) -> str:
    return reverse("wishes:campaign", args=[campaign_id])


STEPS = {
    Step.TO_COME: gettext_lazy("Vœux à donner à partir du %(at)s"),
    Step.SENT: gettext_lazy("Vos vœux sont enregistrés. Vous pouvez les changer jusqu’au %(at)s"),
    Step.CLOSED: gettext_lazy("Les vœux sont clos. Réponses le %(at)s"),
    Step.ANSWERED: gettext_lazy("La réponse à vos vœux est là"),
}


def _refused_proofs(facts: Dashboard) -> list[Row]:
    """Why is on the page: a proof is as private as health."""
    return [
        Row(
            _("%(child)s\u00a0: justificatif d’absence refusé") % {"child": one.child_first_name},
            reverse("absences:absence", args=[one.booking_id]),
            "papers",
            _("Absence %(days)s. La raison est sur la page.")
            % {"days": range_sentence(one.days[0], one.days[-1])},
            tone="error",
        )
        for one in facts.refused_proofs
    ]


def _lost(facts: Dashboard) -> list[Row]:
    """One row for a day of an activity, with whom it touches."""
    rows = []
    together = groupby(
        sorted(facts.lost, key=lambda row: (row.day, row.activity_name, row.is_refused, row.reason)),
        key=lambda row: (row.day, row.activity_name, row.is_refused, row.reason, row.is_closed),
    )
    for (day, activity, is_refused, reason, is_closed), found in together:
        told = {"day": day_long(day), "activity": activity}
        title = _("Annulé %(day)s\u00a0: %(activity)s") % told
        if is_refused:
            title = _("Réservation refusée %(day)s\u00a0: %(activity)s") % told
        elif is_closed:
            title = _("Fermé %(day)s\u00a0: %(activity)s") % told
        whose = join_and(
            [
                f"{name} ({join_and([slot_text(row) for row in slots])})"
                for name, slots in groupby(
                    sorted(found, key=lambda row: (row.child_first_name, row.child_id, row.starts_at)),
                    key=lambda row: row.child_first_name,
                )
            ]
        )
        text = " · ".join(part for part in (reason, whose) if part)
        url = f"/reservations/?enfant=tous&date={day.isoformat()}"
        rows.append(Row(title, url, "bookings", text, tone="error"))
    return rows


def _row(task: Task, facts: Dashboard, now: datetime) -> Row:
    title, text, url, icon = WORDS[task.what](task, facts, now)
    return Row(title, url, icon, text, tone="error" if urgency(task, now) is Urgency.NOW else "info")


Words = tuple[str, str, str, str]


def _overdue(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    late = facts.due.late(facts.today)
    told = {"month": _month(late), "n": late.count, "left": euros_text(late.left), "day": _until(late)}
    title = ngettext(
        "%(month)s est en retard\u00a0: %(left)s", "%(n)d factures sont en retard\u00a0: %(left)s", late.count
    )
    text = ngettext(
        "À payer avant le %(day)s, au Trésor public",
        "La première était à payer avant le %(day)s, au Trésor public",
        late.count,
    )
    return title % told, text % told, _bill_url(late), "error"


def _due(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    near_ones = facts.due.ahead(facts.today)
    told = {"month": _month(near_ones), "n": near_ones.count, "left": euros_text(near_ones.left)}
    title = ngettext(
        "%(month)s\u00a0: %(left)s à payer", "%(n)d factures\u00a0: %(left)s à payer", near_ones.count
    )
    text = _("Avant le %(day)s, au Trésor public") % {"day": _until(near_ones)}
    return title % told, text, _bill_url(near_ones), "invoices"


def _month(due: DueInvoices) -> str:
    month = due.rows[0].month
    return month_text(month).capitalize() if month is not None else _("Une facture")


def _until(due: DueInvoices) -> str:
    return day_plain(due.rows[0].due_on)


def _bill_url(due: DueInvoices) -> str:
    return f"/factures/{due.rows[0].id}/" if due.count == 1 else "/factures/"


def _offer(task: Task, facts: Dashboard, now: datetime) -> Words:
    row = facts.offers[task.rank]
    title = _("Une place est gardée pour %(child)s %(day)s") % {
        "child": row.child_first_name,
        "day": near(row.day, facts.today),
    }
    text = _("%(slot)s · répondez %(limit)s") % {
        "slot": slot_text(row).capitalize(),
        "limit": until_short(row.offered_until or row.starts_at, now),
    }
    return title, text, f"/reservations/proposition/{row.booking_id}/", "clock"


def _wishes(task: Task, facts: Dashboard, now: datetime) -> Words:
    row = facts.campaigns[task.rank]
    title = _("%(campaign)s\u00a0: donnez vos vœux") % {"campaign": row.name}
    text = _("Rien ne presse, %(limit)s") % {"limit": until_short(row.at, now)}
    return title, text, _campaign_url(row.id), "bookings"


def _answer(task: Task, facts: Dashboard, now: datetime) -> Words:
    row = facts.campaigns[task.rank]
    title = _("%(campaign)s\u00a0: des places vous sont accordées") % {"campaign": row.name}
    text = _("Acceptez-les ou rendez-les %(limit)s") % {"limit": until_short(row.at, now)}
    return title, text, _campaign_url(row.id), "clock"


def _nursery(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    title = _("Une place en crèche vous est proposée")
    day = day_long(facts.waiting.nursery_until or facts.today)
    return (
        title,
        _("Acceptez-la ou rendez-la jusqu’au %(day)s") % {"day": day},
        reverse("guichet:mine"),
        "clock",
    )


def _nothing_booked(task: Task, facts: Dashboard, now: datetime) -> Words:
    row = facts.nothing_booked[task.rank]
    url = f"/reservations/?enfant={row.child_id}&activite={row.activity_id}"
    told = {"child": row.child_first_name, "activity": row.activity_name}
    if row.day is None:
        title = _("%(child)s\u00a0: rien n’est réservé") % told
        return title, _("%(activity)s · choisissez ses jours") % told, url, "bookings"
    told["day"] = near(row.day, facts.today)
    title = _("%(child)s\u00a0: rien n’est réservé %(day)s") % told
    text = row.activity_name
    if row.closes_at is not None:
        told["limit"] = until_short(row.closes_at, now, row.day)
        text = _("%(activity)s · réservez %(limit)s") % told
    return title, text, f"{url}&date={row.day.isoformat()}", "bookings"


def _mismatch(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    count = facts.waiting.mismatches
    title = ngettext("Une présence à éclaircir", "%(n)d présences à éclaircir", count)
    text = _("Absence, oubli ou erreur\u00a0? Une touche suffit")
    return title % {"n": count}, text, "/reservations/pointage/", "attendance"


def _unread(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    """Several are chosen from their list; one opens."""
    count, last = facts.waiting.unread, facts.waiting.unread_id
    title = ngettext("Une réponse à lire", "%(n)d réponses à lire", count) % {"n": count}
    url = MESSAGES if count > 1 or last is None else reverse("contact:exchange", args=[last])
    return title, _("Une structure vous a écrit"), url, "mail"


def _papers(task: Task, facts: Dashboard, _now: datetime) -> Words:
    papers = facts.waiting.papers
    if named := papers_named(papers):
        return _paper(named[task.rank], facts)
    title = ngettext("Un document vous attend", "%(n)d documents vous attendent", papers.in_all)
    said = (
        (papers.refused, _("%(n)d à renvoyer")),
        (papers.to_send, _("%(n)d à envoyer")),
        (papers.expiring, ngettext("%(n)d expire bientôt", "%(n)d expirent bientôt", papers.expiring)),
    )
    text = " · ".join(told % {"n": count} for count, told in said if count)
    return title % {"n": papers.in_all}, text, "/documents/", "papers"


def _paper(one: WaitingPaper, facts: Dashboard) -> Words:
    names = {line.id: line.first_name for line in facts.people}
    title = {
        Standing.REFUSED: _("%(paper)s\u00a0: à renvoyer"),
        Standing.RECEIVED: _("%(paper)s\u00a0: à renvoyer"),
        Standing.EXPIRES_SOON: _("%(paper)s\u00a0: expire bientôt"),
    }.get(one.standing, _("%(paper)s\u00a0: à envoyer"))
    whose = names[one.person_id] if one.person_id is not None else _("Votre foyer")
    return title % {"paper": one.title}, whose, paper_url(one.type_id, one.person_id), "papers"


def _care(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    """It leads to what the first child lacks: once filled, to what the next one does."""
    names = {line.id: line.first_name for line in facts.people}
    whose = join_and([names[gap.child_id] for gap in facts.gaps])
    title = _("%(names)s\u00a0: fiche sanitaire et autorisations à remplir")
    if not any(gap.answers for gap in facts.gaps):
        title = _("%(names)s\u00a0: fiche sanitaire à remplir")
    elif not any(gap.sheet for gap in facts.gaps):
        title = _("%(names)s\u00a0: autorisations à donner ou à refuser")
    first = facts.gaps[0]
    url = f"/famille/{first.child_id}/{'sante' if first.sheet else 'autorisations'}/"
    return title % {"names": whose}, _("Les équipes en ont besoin à l’accueil"), url, "health"


def _short(task: Task, facts: Dashboard, _now: datetime) -> Words:
    short = facts.shorts[task.rank]
    names = {line.id: line.first_name for line in facts.people}
    who = whose_text(short, names.get(short.child_id or 0, _("Votre enfant")))
    title = _("%(who)s : il manque des réservations") % {"who": who}
    shown = short.child_id or "tous"
    url = f"/reservations/?enfant={shown}&date={max(short.days[0], facts.today).isoformat()}&vue=semaine"
    return title, f"{short.activity.name}, {short_text(short)}", url, "bookings"


def _to_accept(_task: Task, facts: Dashboard, _now: datetime) -> Words:
    count = facts.waiting.to_accept
    title = ngettext(
        "Un règlement est à lire et à accepter", "%(n)d règlements sont à lire et à accepter", count
    )
    return title % {"n": count}, _("Dans la documentation des structures"), "/documentation/", "publications"


def _to_confirm(_task: Task, _facts: Dashboard, _now: datetime) -> Words:
    text = _("Deux minutes, une page")
    return _("Le dossier de l’année est à relire"), text, "/famille/confirmer/", "write"


def _first_child(_task: Task, _facts: Dashboard, _now: datetime) -> Words:
    title = _("Première étape\u00a0: ajoutez votre enfant")
    return title, _("Même s’il n’est pas encore né. Le service vérifie"), "/famille/ajouter/", "family"


def _first_enrolment(_task: Task, _facts: Dashboard, _now: datetime) -> Words:
    title = _("Première étape\u00a0: demandez une inscription")
    return title, _("Une fois acceptée, vous réservez les jours"), "/inscriptions/", "enrolments"


WORDS: dict[What, Callable[[Task, Dashboard, datetime], Words]] = {
    What.OVERDUE: _overdue,
    What.OFFER: _offer,
    What.ANSWER: _answer,
    What.NURSERY: _nursery,
    What.WISHES: _wishes,
    What.NOTHING_BOOKED: _nothing_booked,
    What.SHORT: _short,
    What.DUE: _due,
    What.MISMATCH: _mismatch,
    What.UNREAD: _unread,
    What.PAPERS: _papers,
    What.CARE: _care,
    What.TO_ACCEPT: _to_accept,
    What.TO_CONFIRM: _to_confirm,
    What.FIRST_CHILD: _first_child,
    What.FIRST_ENROLMENT: _first_enrolment,
}
