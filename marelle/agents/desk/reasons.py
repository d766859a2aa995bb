"""A reason to refuse: one kept ready by the authority, words added to it, or words alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict


class ReasonWidget(forms.Textarea):
    """The words typed come after the ready reason chosen in `desk/reason.html`; one field holds both."""

    def __init__(self) -> None:
        super().__init__({"rows": 3})

    def use_required_attribute(self, initial: Any) -> bool:  # noqa: ARG002 - as Django calls it
        """A ready reason alone is enough, which the browser cannot know."""
        return False

    def value_from_datadict(
        self, data: Mapping[str, Any], files: MultiValueDict[str, Any], name: str
    ) -> str | None:
        typed = super().value_from_datadict(data, files, name)
        ready = " ".join(str(data.get(f"{name}-motif", "")).split())
        return f"{ready} {typed or ''}".strip() if ready else typed
