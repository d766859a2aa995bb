"""« Je ne suis pas un robot » for any form: a field, its widget, and the refusals in French.

    class CareForm(forms.Form):
        ...
        def __init__(self, *args, now, signed_in, **kwargs):
            super().__init__(*args, **kwargs)
            if not signed_in:
                self.fields["robot"] = RobotField(now=now)

The template shows it like any field, `{% field form.robot %}`, and the page loads the script:

    {% block scripts %}<script src="{% static 'portal/robot.js' %}" defer></script>{% endblock %}

The field only reads what came back. Once the whole form is valid, the view has it checked, before the service
writes anything:

    if "robot" in form.fields:
        try:
            human_check(claim=form.cleaned_data["robot"], network=network_of(origin.address), now=request.now)
        except NotProven as refusal:
            form.add_error("robot", not_proven_text(refusal))
        except TooManySendings as refusal:
            form.add_error(None, too_many_sendings_text(refusal))

A claim serves once: where the form comes back with other errors after that, the script does the work again by
itself, and without scripts there is another sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from marelle.core.french import instant_long
from marelle.robots.challenges import Claim, new_challenge
from marelle.robots.refusals import NotProven, TooManySendings

NUMBERS: tuple[str | Promise, ...] = (
    gettext_lazy("un"),
    gettext_lazy("deux"),
    gettext_lazy("trois"),
    gettext_lazy("quatre"),
    gettext_lazy("cinq"),
    gettext_lazy("six"),
    gettext_lazy("sept"),
    gettext_lazy("huit"),
    gettext_lazy("neuf"),
)


class RobotWidget(forms.Widget):
    """A box to tick that makes the browser work; without scripts, a sum to answer."""

    template_name = "portal/robots/robot.html"
    use_fieldset = True

    def __init__(self, now: datetime) -> None:
        super().__init__()
        self.now = now

    def get_context(self, name: str, value: Claim | None, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        challenge = new_challenge(self.now)
        first, second = challenge.terms
        context["robot"] = {
            "work": challenge.work,
            "token": challenge.token,
            "first": NUMBERS[first - 1],
            "second": NUMBERS[second - 1],
            "again": value is not None and bool(value.solution),
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Claim:  # noqa: ARG002
        def sent(suffix: str) -> str:
            return str(data.get(f"{name}{suffix}", ""))

        return Claim(solution=sent(""), token=sent("_token"), answer=sent("_answer"))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ARG002
        return name not in data and f"{name}_answer" not in data

    def id_for_label(self, id_: str) -> str:
        return id_


class RobotField(forms.Field):
    """Its value is a `Claim`, for `robots.services.human_check`."""

    def __init__(self, *, now: datetime) -> None:
        super().__init__(label=gettext_lazy("Vérification"), widget=RobotWidget(now))

    def clean(self, value: Claim) -> Claim:
        if not value.solution and not value.answer.strip():
            raise forms.ValidationError(not_proven_text(NotProven("missing")))
        return value


def not_proven_text(refusal: NotProven) -> str:
    """What to do again, in one sentence."""
    return {
        "missing": _("Cochez « Je ne suis pas un robot », ou répondez à la question."),
        "wrong": _("Ce n’est pas la bonne réponse : essayez encore."),
        "expired": _("Cette page est restée ouverte trop longtemps : cochez à nouveau, puis envoyez."),
        "used": _("Ce formulaire a déjà été envoyé. Pour envoyer autre chose, cochez à nouveau."),
    }[refusal.code]


def too_many_sendings_text(refusal: TooManySendings) -> str:
    """From when one may send again, and that the telephone is open."""
    again = (refusal.retry_at + timedelta(seconds=59)).replace(second=0, microsecond=0)
    return _(
        "Vous avez déjà envoyé beaucoup de messages : réessayez à partir du {instant}. "
        "Si c’est urgent, téléphonez à la structure."
    ).format(instant=instant_long(again))
