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

from marelle.mail.fields import Field, values, with_notation
from marelle.mail.letterhead import PLAIN, Letterhead
from marelle.mail.rendering import Rendered, render
from marelle.mail.selectors import wordings
from marelle.mail.wording import EVERY, NO_WORDS, NOTHING_OWN, Own, Words


@dataclass(frozen=True, slots=True)
class Sample:
    """The mail `kind`, when it is sent, to whom, and the invented context of one.

    `fields` are those that an authority may write in its own words around it. None: the mail stays as it is,
    because it goes to staff, or protects an account and must be known again at once.
    """

    kind: str
    when: str | Promise
    to: str | Promise
    context: Mapping[str, Any]
    fields: tuple[Field, ...] = ()

    def rendered(
        self, letterhead: Letterhead = PLAIN, words: Words = NO_WORDS, signature: str = ""
    ) -> Rendered:
        """As an authority with these words would send it."""
        own = Own(words, signature, values(self.fields, self.context, letterhead))
        return render(self.kind, self.context, letterhead, own if self.fields else NOTHING_OWN)

    def with_fields_shown(self) -> Rendered:
        """The text of the portal, with "{enfant}" where a mail has the name of the child."""
        return render(self.kind, with_notation(self.fields, self.context))


_samples: dict[str, Sample] = {}


def register(*samples: Sample) -> None:
    """Add samples, each under its kind; the last one of a kind stays."""
    _samples.update((sample.kind, sample) for sample in samples)


@cache
def samples() -> Mapping[str, Sample]:
    """Every sample by its kind, in the order of the kinds."""
    autodiscover_modules("mail_samples")
    return dict(sorted(_samples.items()))


def own_words(kind: str, context: Mapping[str, Any], letterhead: Letterhead) -> Own:
    """What the authority of the letterhead says in one mail, its fields filled from that mail's context."""
    sample = samples().get(kind)
    if sample is None or not sample.fields or letterhead.authority_id is None:
        return NOTHING_OWN
    kept = wordings()
    words = kept.get((letterhead.authority_id, kind), NO_WORDS)
    signature = kept.get((letterhead.authority_id, EVERY), NO_WORDS).after
    return Own(words, signature, values(sample.fields, context, letterhead))
