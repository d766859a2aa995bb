"""What the buttons « Inviter » and « Retirer l’invitation » post."""

from __future__ import annotations

from django import forms


class InviteForm(forms.Form):
    """`seen` is the id of the last invitation that the page showed."""

    seen = forms.IntegerField(required=False, min_value=0)

    def last_seen(self) -> int:
        """0, as for who was never invited, when the browser sent nothing that makes sense."""
        return self.cleaned_data["seen"] or 0 if self.is_valid() else 0
