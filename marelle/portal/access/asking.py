"""Asking for a second factor: by a code, or by a passkey, whichever the account has."""

from __future__ import annotations

from typing import Final

from django.contrib import messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from marelle.accounts.passkeys import Signed, shown_asked
from marelle.accounts.selectors import SecondHeld
from marelle.accounts.services.second import Shown
from marelle.flows.actor.middleware import MarelleRequest
from marelle.portal.access.forms import CodeForm, RememberForm
from marelle.shell.again import challenge_answered, challenge_keep

WRONG_PASSKEY: Final = _(
    "Cette clé d’accès n’ouvre pas de compte ici, ou la page a attendu trop longtemps : recommencez."
)


class SecondAsked:
    """What a page asks for, and what came back: `form` for a code, `options` for the script of a passkey.

    `let_in` is who lets the account in once without either, "" for nobody.
    """

    def __init__(
        self,
        request: MarelleRequest,
        held: SecondHeld,
        *,
        let_in: str = "",
        form: type[CodeForm] = CodeForm,
    ) -> None:
        self._request = request
        self.let_in = let_in
        self._enters = bool(let_in) and "let_in" in request.POST
        self._signed: Signed | None = None
        data = request.POST if request.method == "POST" else None
        if self._enters:
            data = None
        elif data is not None and "passkey" in data:
            self._signed, data = challenge_answered(request), None
        self.form = form(data)
        if held.added_at is None:
            self.form.fields["code"].help_text = gettext("L’un de vos codes de secours.")
        self.remember = RememberForm(auto_id="passkey-%s")["remember"]
        keys = [bytes(one.credential) for one in held.passkeys]
        self.options = challenge_keep(request, shown_asked(keys)) if keys else ""

    @property
    def is_answered(self) -> bool:
        return self._enters or self._signed is not None or self.form.is_valid()

    @property
    def shown(self) -> Shown:
        return None if self._enters else self._signed or self.form.cleaned_data["code"]

    def is_wrong(self) -> None:
        """Say so, of what was shown."""
        if self._enters:
            messages.error(self._request, gettext("Cette entrée a déjà servi, ou son délai est passé."))
        elif self._signed is not None:
            messages.error(self._request, str(WRONG_PASSKEY))
        else:
            self.form.is_wrong()
