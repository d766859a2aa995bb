"""Forms of one's own account. Those that could take it away ask for the present password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from marelle.accounts.models import User
from marelle.accounts.notices import Notice, wants
from marelle.portal.passwords import LONGEST, NewPasswordForm, identifier_field


def present_password() -> forms.CharField:
    return forms.CharField(
        label=_("Votre mot de passe actuel"),
        max_length=LONGEST,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class IdentifierForm(forms.Form):
    identifier = identifier_field()
    present = present_password()


class EmailForm(forms.Form):
    email = forms.EmailField(
        label=_("Adresse de courriel"),
        help_text=_("Un lien de confirmation y est envoyé. Laissez vide pour ne plus recevoir de courriel."),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    present = present_password()


class PasswordForm(NewPasswordForm):
    present = present_password()
    field_order = ("present", "password", "repeated")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        self.fields["password"].label = _("Nouveau mot de passe")


NOTICES: Final = {
    Notice.MESSAGE: _("Une structure a répondu à mon message"),
    Notice.NEWS: _("Une structure de mes enfants publie une nouvelle"),
    Notice.INVOICE: _("Une facture est arrivée"),
    Notice.PAPER: _("Un document est accepté, ou arrive bientôt à sa fin"),
    Notice.DEADLINE: _("La veille d’une limite, si rien n’est réservé pour la semaine"),
}
"""The mails that may be turned off. Each has an answer on the dashboard too, so that nothing is lost."""


class NoticesForm(forms.Form):
    wanted = forms.TypedMultipleChoiceField(
        label=_("Je veux un courriel quand"),
        choices=[(notice.value, label) for notice, label in NOTICES.items()],
        coerce=Notice,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, notices: Mapping[str, bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["wanted"].initial = [one.value for one in NOTICES if wants(notices, one)]


def notices_text(notices: Mapping[str, bool]) -> str:
    """How many of them an account gets, in one line."""
    count = sum(wants(notices, one) for one in NOTICES)
    if not count:
        return gettext("Aucun avis : seulement les réponses à ce que vous demandez.")
    return ngettext("%d sorte d’avis choisie.", "%d sortes d’avis choisies.", count) % count
