"""Every mail can be read before it is sent: each template has a sample that fills it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from marelle.mail.samples import samples

ROOT = Path(__file__).resolve().parent.parent.parent / "marelle"
KINDS = sorted(
    f"{path.parent.name}/{path.stem}"
    for path in ROOT.glob("*/templates/mail/*/*.txt")
    if path.stem != "contact"  # the end of others, in its package
)
AMOUNT = re.compile(r"\d+ ?€|euros?\b")


def test_every_template_has_its_sample_and_every_sample_its_template() -> None:
    assert sorted(samples()) == KINDS
    assert len(KINDS) > 25


NO_PLACE_OF_ITS_OWN = {
    "accounts/journal_broken": "what is to be done is done on the server",
    "attendance/next_day": "for the day on which nothing answers",
    "backups/drill": "what is to be done is done on the server",
    "families/caf_unheard": "what is to be done is done on the server",
    "accounts/email_changed": "sent to an address that opens nothing any more",
    "billing/payer_access": "of who reads nothing here any more",
    "billing/reminder_of_payer": "to who pays, and may read no page here",
    "enrolments/teen_ended": "of who comes in no more",
    "families/erasure_done": "the accesses are closed",
    "relay/childminder_access": "of who comes in there no more",
    "messaging/answer": "to somebody without an account, the answer itself",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_leads_to_its_place_and_says_whom_to_call(kind: str) -> None:
    sample = samples()[kind]
    mail = sample.rendered()
    if kind not in NO_PLACE_OF_ITS_OWN:
        assert mail.html.count('class="button"') == 1, "one link"
    if "famille" in str(sample.to):
        assert re.search(r"03 00 00 00 \d\d|@arelle\.example", mail.text), "how to reach it"


@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_fills_its_mail(kind: str) -> None:
    mail = samples()[kind].rendered()
    assert mail.subject
    assert len(mail.subject) <= 120
    assert "{" not in mail.text
    assert not AMOUNT.search(mail.text)
    assert mail.html.count('class="button"') <= 1, "one link"
    for line in mail.text.splitlines():
        assert line == line.rstrip() or line == "-- "
