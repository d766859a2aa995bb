"""Each mail with invented data, so that it can be read before anybody gets it.

An app declares those of its templates in its own `mail_samples.py`:

    register(Sample("bookings/absence_noted", _("Absence notée"), _("la famille"), {"child": "Zoé", …}))

A test refuses a template without a sample, and one that a sample does not fill.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from marelle.mail.rendering import Rendered, render


@dataclass(frozen=True, slots=True)
class Sample:
    """The mail `kind`, when it is sent, to whom, and the invented context of one."""

    kind: str
    when: str | Promise
    to: str | Promise
    context: Mapping[str, Any]

    def rendered(self) -> Rendered:
        return render(self.kind, self.context)


_samples: dict[str, Sample] = {}


def register(*samples: Sample) -> None:
    """Add samples, each under its kind; the last one of a kind stays."""
    _samples.update((sample.kind, sample) for sample in samples)


@cache
def samples() -> Mapping[str, Sample]:
    """Every sample by its kind, in the order of the kinds."""
    autodiscover_modules("mail_samples")
    return dict(sorted(_samples.items()))
