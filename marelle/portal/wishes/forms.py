"""What is wished for, without a script: first for whom, then a rank for each week or day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.campaigns.labels import day_text
from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.units import ChildOffer, Unit
from marelle.campaigns.wishing import Asked, goes_together
from marelle.core.converters import id_read
from marelle.ui.forms import PlainSelect

TOGETHER = "1"


@dataclass(frozen=True, slots=True)
class Whom:
    """For whom a home asks: children in the order of the home, together or each alone."""

    children: tuple[int, ...]
    together: bool

    @classmethod
    def of(cls, sent: Any, offers: Sequence[ChildOffer], wish: Wish | None) -> Whom | None:
        """As the address or the form says it; else as the home said it before. None: it is to be asked."""
        known = [one.child_id for one in offers if one.units]
        if len(known) == 1:
            return cls(tuple(known), together=False)
        chosen = {id_read(text) for text in sent.getlist("enfants")}
        found = tuple(pk for pk in known if pk in chosen)
        if found:
            return cls(found, sent.get("ensemble") == TOGETHER and len(found) > 1)
        if wish is None or "modifier" in sent:
            return None
        own = [line for line in wish.lines.all() if line.child_id in known]
        before = tuple(dict.fromkeys(line.child_id for line in own))
        return cls(before, goes_together(own)) if before else None


class WhomForm(forms.Form):
    """Sent by the address: what follows depends on it."""

    enfants = forms.MultipleChoiceField(
        label=gettext_lazy("Pour quels enfants ?"), widget=forms.CheckboxSelectMultiple
    )
    ensemble = forms.ChoiceField(
        label=gettext_lazy("Si vous demandez pour plusieurs"),
        widget=forms.RadioSelect,
        choices=(
            ("1", gettext_lazy("Ensemble, ou pas du tout : un même classement, une place pour chacun")),
            ("0", gettext_lazy("Chacun de son côté : un classement par enfant")),
        ),
        initial="1",
    )

    def __init__(self, offers: Iterable[ChildOffer], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        choices = [(str(one.child_id), one.name) for one in offers if one.units]
        self.fields["enfants"].choices = choices  # type: ignore[attr-defined]
        self.initial.setdefault("enfants", [key for key, _name in choices])


@dataclass(frozen=True, slots=True)
class Group:
    """What is ranked for one child, or for all together: `fields` by their day."""

    title: str
    days: tuple[tuple[str, tuple[forms.BoundField, ...]], ...]


class WishForm(forms.Form):
    """A select for each week or day of a slot; those of one number are one wish.

    Together, children share a select wherever each may have a slot of that name on that day.
    """

    enfants = forms.CharField(required=False, widget=forms.MultipleHiddenInput)
    ensemble = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        campaign: Campaign,
        whom: Whom,
        offers: Sequence[ChildOffer],
        names: Mapping[int, str],
        wish: Wish | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.campaign, self.whom, self.names = campaign, whom, names
        self.offers = {one.child_id: one for one in offers}
        self.columns: dict[str, dict[int, tuple[Unit, ...]]] = {}
        self.groups_of: list[tuple[str, list[tuple[date, str]]]] = []
        before = _before(wish)
        choices = [("", _("—")), *((str(n), _("vœu %(n)d") % {"n": n}) for n in self._numbers)]
        for title, key, children in self._sets():
            self._add(title, key, children, choices, before)
        if campaign.most_given > 1:
            self.fields["most"] = forms.TypedChoiceField(
                label=_("Combien de vœux voulez-vous au plus ?"),
                help_text=_("Chaque vœu, dans l’ordre, est accordé s’il reste de la place."),
                coerce=int,
                choices=[(n, str(n)) for n in range(1, campaign.most_given + 1)],
                initial=wish.most if wish else campaign.most_given,
                error_messages=WRONG,
            )
        if len(whom.children) > 1 and not whom.together:
            self.fields["first"] = forms.TypedChoiceField(
                label=_("Quel enfant est servi d’abord ?"),
                help_text=_("À votre tour, les vœux d’un enfant sont regardés après ceux de l’autre."),
                coerce=int,
                choices=[(pk, self.offers[pk].name) for pk in whom.children],
                initial=_first(wish, whom),
                error_messages=WRONG,
            )

    @property
    def _numbers(self) -> range:
        return range(1, self.campaign.most_plans + 1)

    def _sets(self) -> list[tuple[str, str, tuple[int, ...]]]:
        if self.whom.together:
            return [("", "e", self.whom.children)]
        several = len(self.whom.children) > 1
        return [(self.offers[pk].name if several else "", str(pk), (pk,)) for pk in self.whom.children]

    def _add(
        self,
        title: str,
        key: str,
        children: tuple[int, ...],
        choices: list[tuple[str, str]],
        before: Mapping[tuple[int, Unit], int],
    ) -> None:
        days: list[tuple[date, str]] = []
        weekly = self.campaign.unit == Campaign.Unit.WEEK
        for (day, slot), units in self._shared(children).items():
            first = children[0]
            name = f"r-{key}-{units[first][0].key}"
            rank = next((before[first, unit] for unit in units[first] if (first, unit) in before), "")
            self.fields[name] = forms.ChoiceField(
                label=f"{day_text(day, weekly=weekly)} · {slot}",
                choices=choices,
                required=False,
                initial=str(rank),
                widget=PlainSelect(),
                error_messages=WRONG,
            )
            self.columns[name] = units
            days.append((day, name))
        self.groups_of.append((title, days))

    def _shared(self, children: tuple[int, ...]) -> dict[tuple[date, str], dict[int, tuple[Unit, ...]]]:
        """By day and name of the slot, in the order of the week, what it is for each child: only what all of
        them may have."""
        places = {slot_id: place for place, slot_id in enumerate(self.names)}
        found: dict[tuple[date, str], dict[int, tuple[Unit, ...]]] = {}
        for pk in children:
            for unit in self.offers[pk].units:
                label = self.names[unit.slot_id] if len(children) == 1 else self._plain(unit.slot_id)
                there = found.setdefault((unit.day, label), {})
                there[pk] = (*there.get(pk, ()), unit)
        shared = [(key, units) for key, units in found.items() if len(units) == len(children)]
        shared.sort(key=lambda row: (row[0][0], min(places[unit.slot_id] for unit in row[1][children[0]])))
        return dict(shared)

    def _plain(self, slot_id: int) -> str:
        """The name of a slot without that of its activity, which is another for each child."""
        return self.names[slot_id].partition(" (")[0]

    def clean(self) -> dict[str, Any]:
        """What the page showed and is possible no more is told, not dropped."""
        sent = {name for name in self.data if name.startswith("r-") and self.data[name]}
        if sent - set(self.columns):
            self.add_error(None, GONE)
        return self.cleaned_data

    @property
    def groups(self) -> list[Group]:
        weekly = self.campaign.unit == Campaign.Unit.WEEK
        return [
            Group(
                title,
                tuple(
                    (day_text(day, weekly=weekly), tuple(self[name] for at, name in days if at == day))
                    for day in dict.fromkeys(at for at, _name in days)
                ),
            )
            for title, days in self.groups_of
        ]

    def asked(self) -> Asked:
        ranked: dict[int, dict[Unit, int]] = {}
        for name, units in self.columns.items():
            rank = self.cleaned_data.get(name)
            if rank:
                for pk, those in units.items():
                    ranked.setdefault(pk, {}).update(dict.fromkeys(those, int(rank)))
        first = self.cleaned_data.get("first")
        children = tuple(sorted(self.whom.children, key=lambda pk: pk != first))
        asked = tuple(pk for pk in children if pk in ranked) or children
        return Asked(asked, self.whom.together, ranked, self.cleaned_data.get("most") or 1)


GONE = gettext_lazy("Une semaine, ou un jour, que vous aviez classé n’est plus possible : vérifiez la liste.")
WRONG = {"invalid_choice": gettext_lazy("Choisissez dans la liste."), "required": gettext_lazy("Choisissez.")}


def _before(wish: Wish | None) -> dict[tuple[int, Unit], int]:
    if wish is None:
        return {}
    return {(line.child_id, Unit(line.day, line.slot_id)): line.rank for line in wish.lines.all()}


def _first(wish: Wish | None, whom: Whom) -> int:
    lines = [] if wish is None else [one for one in wish.lines.all() if one.child_id in whom.children]
    return lines[0].child_id if lines else whom.children[0]
