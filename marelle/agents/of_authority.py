"""A form about one of the authorities that the agent keeps: chosen where there are several."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms

from marelle.places.models import Authority


class OfAuthorityForm(forms.Form):
    """What extends it has a field `authority`, of ids, left out where there is nothing to choose."""

    def __init__(self, *args: Any, authorities: Iterable[Authority], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.authorities = tuple(authorities)
        if len(self.authorities) == 1:
            del self.fields["authority"]
        else:
            field: Any = self.fields["authority"]
            field.choices = [(one.pk, one.name) for one in self.authorities]

    @property
    def authority_id(self) -> int:
        """The one chosen, or the only one."""
        chosen: int = self.cleaned_data.get("authority") or self.authorities[0].pk
        return chosen
