"""The posts of an agent, as boxes to tick, and who is invited."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.accounts.models import User
from marelle.agents.settings.team.words import refusal_text
from marelle.core.actor import Power, Role
from marelle.core.french import of_name
from marelle.core.refusals import Refusal
from marelle.places.posts.selectors import Givable

PLACED = {"offices": Role.OFFICE, "directed": Role.DIRECTOR, "animated": Role.ANIMATOR}


class PostsForm(forms.Form):
    """One box for each post that may be given; `seen` are those ticked when the page was shown."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=20_000)
    administrator = forms.BooleanField(
        label=gettext_lazy("Administration du portail : tout, partout"), required=False
    )
    offices = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Guichet de"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    directed = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Direction de"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    incomes = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Lit les revenus des familles de"),
        help_text=gettext_lazy(
            "Pour une direction cochée ci-dessus. Sans cela, elle voit qu’il y a un revenu, pas lequel."
        ),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    animated = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Animation à"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, givable: Givable, held: Collection[Power] = ()
    ) -> None:
        initial: dict[str, Any] = {"administrator": Power(Role.ADMINISTRATOR) in held, "seen": codes(held)}
        for name, role in PLACED.items():
            initial[name] = [power.authority_id or power.structure_id for power in held if power.role is role]
        initial["incomes"] = [power.structure_id for power in held if power.reads_incomes]
        super().__init__(data, initial=initial)
        if not givable.administrator:
            del self.fields["administrator"]
        for name in PLACED:
            choices = getattr(givable, name)
            if choices:
                self.fields[name].choices = choices  # type: ignore[attr-defined]
            else:
                del self.fields[name]
        if givable.directed:
            self.fields["incomes"].choices = givable.directed  # type: ignore[attr-defined]
        else:
            del self.fields["incomes"]
        self._posts = {_code(power): power for power in givable.powers()}

    def powers(self) -> frozenset[Power]:
        found = {Power(Role.ADMINISTRATOR)} if self.cleaned_data.get("administrator") else set()
        for pk in self.cleaned_data.get("offices", ()):
            found.add(Power(Role.OFFICE, authority_id=pk))
        for name in ("directed", "animated"):
            for pk in self.cleaned_data.get(name, ()):
                reads = name == "directed" and pk in self.cleaned_data.get("incomes", ())
                found.add(Power(PLACED[name], structure_id=pk, reads_incomes=reads))
        return frozenset(found)

    def clean_incomes(self) -> list[int]:
        """After `directed`, which stands before it."""
        wanted: list[int] = self.cleaned_data["incomes"]
        if set(wanted) - set(self.cleaned_data.get("directed", ())):
            raise ValidationError(_("Cochez aussi la direction de cette structure."))
        return wanted

    def seen_powers(self) -> frozenset[Power]:
        """What is no post that may be given counts as none: the service then finds that something changed."""
        return frozenset(
            self._posts[code] for code in self.cleaned_data["seen"].split() if code in self._posts
        )

    def posts(self) -> list[forms.BoundField]:
        return [
            self[name]
            for name in ("administrator", "offices", "directed", "incomes", "animated")
            if name in self.fields
        ]

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(None, refusal_text(refusal))


class ReasonForm(forms.Form):
    """Why somebody is let in once without its second factor."""

    reason = forms.CharField(
        label=gettext_lazy("Motif"),
        help_text=gettext_lazy(
            "Assurez-vous que c’est bien cette personne, de vive voix. Le motif reste dans le journal."
        ),
        max_length=200,
    )


class InviteForm(PostsForm):
    name = forms.CharField(
        label=gettext_lazy("Prénom et nom"), max_length=User._meta.get_field("display_name").max_length
    )
    email = forms.EmailField(
        label=gettext_lazy("Adresse de courriel"),
        help_text=gettext_lazy("Celle du travail : le lien y part."),
    )
    is_same = forms.BooleanField(
        label=gettext_lazy("C’est la même personne : donner les postes à son compte"), required=False
    )

    field_order = ("name", "email")

    def __init__(self, *args: Any, may_join: bool, **kwargs: Any) -> None:
        """`may_join`: whether an account that exists may be told, and given posts."""
        super().__init__(*args, **kwargs)
        self.may_join = may_join
        self.asks_same = bool(self.data.get("is_same"))

    def clean_name(self) -> str:
        return " ".join(str(self.cleaned_data["name"]).split())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not self.powers():
            raise ValidationError(_("Cochez au moins un poste."))
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        if refusal.code != "account_exists":
            super().refuse(refusal)
        elif self.may_join:
            self.asks_same = True
            self.add_error(
                "email",
                _("Cette adresse est celle du compte %(of_name)s. Si c’est la même personne, dites-le.")
                % {"of_name": of_name(refusal.data["label"])},
            )
        else:
            self.add_error(
                "email", _("Cette adresse a déjà un compte : demandez au guichet de lui donner ce poste.")
            )


def codes(powers: Iterable[Power]) -> str:
    return " ".join(sorted(map(_code, powers)))


def _code(power: Power) -> str:
    place = f"{power.role.value}-{power.authority_id or power.structure_id or 0}"
    return f"{place}-revenus" if power.reads_incomes else place
