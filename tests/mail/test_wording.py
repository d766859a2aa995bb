"""What an authority may write around a mail, and how it is read: never as code, never as HTML."""

from __future__ import annotations

import re
from dataclasses import astuple
from html import unescape
from time import process_time

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from marelle.core.braces import BraceAlone, FieldUnknown
from marelle.mail.fields import names
from marelle.mail.letterhead import Letterhead
from marelle.mail.rendering import render, subject_decides
from marelle.mail.samples import samples
from marelle.mail.wording import (
    BEFORE_SLASHES,
    SUBJECT_LENGTH,
    TEXT_LENGTH,
    Own,
    WordingRefused,
    Words,
    paragraphs,
    part_checked,
    plain,
    words_checked,
)

ALLOWED = ("enfant", "collectivité")
VALUES = {"enfant": "Zoé", "collectivité": "Val d’Arelle"}
WORDED = sorted(kind for kind, sample in samples().items() if sample.fields)
HEAD = Letterhead(1, "Val d’Arelle")
SIGNS = "{}enfat é\n\r<>&\"'[]()htps:/.x%|;\x00\u2028"
TYPED = st.text(st.sampled_from(SIGNS), max_size=80) | st.text(max_size=80)


def accepted(words: Words) -> str:
    """The HTML of a mail without a link of its own, as far as the authority's paragraphs go."""
    context = samples()["families/erasure_done"].context
    return render("families/erasure_done", context, HEAD, Own(words, "", VALUES)).html


@pytest.mark.once
@pytest.mark.parametrize(
    ("part", "typed", "code"),
    [
        ("subject", "Bonjour\nBcc: tous@example.org", "one_line"),
        ("subject", "Bonjour\u2028Bcc: tous@example.org", "one_line"),
        ("subject", "x" * (SUBJECT_LENGTH + 1), "too_long"),
        ("before", "x" * (TEXT_LENGTH + 1), "too_long"),
        ("before", "un\x00deux", "control_sign"),
        ("after", "Voir http://arelle.example", "not_https"),
        ("after", "Voir HTTP://arelle.example", "not_https"),
        ("after", "javascript://x", "not_https"),
        ("after", "ahttps://x", "not_https"),
        ("after", "Voir 3.http://x", "not_https"),
        ("after", "_ftp://x", "not_https"),
    ],
)
def test_what_may_not_be_written(part: str, typed: str, code: str) -> None:
    with pytest.raises(WordingRefused) as refused:
        part_checked(part, typed, ALLOWED)
    assert refused.value.code == code


@pytest.mark.once
def test_what_may_be_written_is_kept_as_it_is() -> None:
    text = "Bonjour {enfant} !\n\nVoir https://arelle.example/r?a=1 : 5 % <b>, %(nom)s"
    assert part_checked("before", f"  {text}  \r\n", ALLOWED) == text.strip()
    assert part_checked("before", "{Collectivite}", ALLOWED) == "{collectivité}"
    with pytest.raises(FieldUnknown):
        part_checked("before", "{santé}", ALLOWED)
    with pytest.raises(BraceAlone):
        part_checked("before", "{{ child }}", ALLOWED)


@pytest.mark.once
def test_an_address_is_a_link_that_says_itself_and_its_stop_is_not_of_it() -> None:
    (((text, link, stop),), (brackets,)) = paragraphs(
        "Voir https://arelle.example/r?a=1&b=2.\n\n[cliquez](ici)", VALUES
    )
    assert (text.text, link.text, link.address, stop.text) == (
        "Voir ",
        "https://arelle.example/r?a=1&b=2",
        "https://arelle.example/r?a=1&b=2",
        ".",
    )
    assert [(piece.text, piece.address) for piece in brackets] == [("[cliquez](ici)", "")]


@pytest.mark.once
def test_what_a_value_holds_is_neither_a_field_nor_a_link() -> None:
    ((line,),) = paragraphs("{enfant}", {"enfant": "{collectivité} https://mal.example"})
    assert [(piece.text, piece.address) for piece in line] == [("{collectivité} https://mal.example", "")]


@pytest.mark.once
@given(TYPED, TYPED, TYPED)
def test_any_words_are_refused_or_said_as_plain_text(subject: str, before: str, after: str) -> None:
    """Never an error, never a tag that we did not write, one line for the subject; kept again, they stay."""
    try:
        words = words_checked(Words(subject, before, after), ALLOWED)
    except (WordingRefused, FieldUnknown, BraceAlone):
        return
    assert words_checked(words, ALLOWED) == words
    html = accepted(words)
    body = html.partition("<main>")[2]
    context = samples()["families/erasure_done"].context
    ours = render("families/erasure_done", context, HEAD).html
    assert set(re.findall(r"<(/?\w+)", body)) <= {
        *("p", "/p", "br", "a", "/a", "h1", "/h1", "hr", "small", "/small", "/main", "/body", "/html"),
    }
    assert set(re.findall(r'href="([^"]*)"', body)) - set(re.findall(r'href="([^"]*)"', ours)) <= {
        piece.address.replace("&", "&amp;").replace("'", "&#x27;")
        for text in (before, after)
        for paragraph in paragraphs(text.replace("\r\n", "\n"), VALUES)
        for line in paragraph
        for piece in line
        if piece.address
    }
    shown = render("families/erasure_done", context, HEAD, Own(words, "", VALUES))
    assert len(shown.subject.splitlines()) == 1
    for text in plain(paragraphs(words.before, VALUES)):
        assert text in shown.text


@pytest.mark.once
@pytest.mark.parametrize("kind", WORDED)
def test_words_stand_after_the_greeting_and_at_the_end_and_our_text_stays(
    kind: str,
) -> None:
    sample = samples()[kind]
    ours = sample.rendered(HEAD)
    both = sample.rendered(HEAD, Words("Objet {collectivité}", "Avant.", "Après."), "Le service.")
    ours_text, ours_foot = ours.text.split("\n\n-- \n")
    text, foot = both.text.split("\n\n-- \n")
    greeting, *said = ours_text.split("\n\n")
    assert greeting.startswith("Bonjour")
    assert "\n" not in greeting
    assert text.split("\n\n") == [greeting, "Avant.", *said, "Après.", "Le service."]
    assert foot == ours_foot
    assert both.subject == (ours.subject if subject_decides(kind) else "Objet Val d’Arelle")
    assert all(f"<p>{own}</p>" in both.html for own in ("Avant.", "Après.", "Le service."))


@pytest.mark.once
@pytest.mark.parametrize("kind", WORDED)
def test_each_field_has_its_value_and_is_shown_in_the_text_of_the_portal(kind: str) -> None:
    sample = samples()[kind]
    every = " | ".join(f"{{{name}}}" for name in names(sample.fields))
    filled = sample.rendered(HEAD, Words(before=every)).text.split("\n\n")[1]
    assert all(part.strip() for part in filled.split("|"))
    assert "{" not in filled
    assert "Val d’Arelle" in filled
    shown = sample.with_fields_shown()
    assert set(re.findall(r"\{([^}]*)\}", shown.subject + shown.text)) <= set(names(sample.fields))


@pytest.mark.once
@pytest.mark.parametrize("kind", WORDED)
def test_the_subject_of_the_portal_written_again_says_as_much(kind: str) -> None:
    """What changes from one mail to the next in a subject is a field: an agent may start from it."""
    if subject_decides(kind):
        return
    sample = samples()[kind]
    again = sample.rendered(HEAD, Words(subject=sample.with_fields_shown().subject))
    assert again.subject == sample.rendered(HEAD).subject
    known = {field.path.partition(".")[0] for field in sample.fields}
    first = (_template_of(kind)).partition("\n")[0]
    assert set(re.findall(r"\{\{ (\w+)", first)) <= known


def _template_of(kind: str) -> str:
    return engines["django"].engine.get_template(f"mail/{kind}.txt").source  # type: ignore[attr-defined]


@pytest.mark.once
def test_what_goes_to_staff_or_protects_an_account_keeps_the_words_of_the_portal() -> None:
    assert sorted(set(samples()) - set(WORDED)) == [
        "accounts/agent_invitation",
        "accounts/confirm_email",
        "accounts/email_changed",
        "accounts/identity_linked",
        "accounts/identity_unlinked",
        "accounts/journal_broken",
        "accounts/let_in",
        "accounts/new_device",
        "accounts/new_password",
        "accounts/password_changed",
        "accounts/payer_invitation",
        "accounts/recovery_code_used",
        "accounts/second_added",
        "accounts/second_removed",
        "accounts/second_wanted",
        "accounts/teen_invitation",
        "accounts/unusual_readings",
        "accounts/week_of_readings",
        "activities/calendar_read",
        "attendance/next_day",
        "backups/drill",
        "billing/mandate",
        "billing/payer_access",
        "billing/payer_bills_there",
        "enrolments/teen_ended",
        "families/caf_unheard",
        "families/health_changed",
        "families/permission_given",
        "families/permission_taken_back",
        "messaging/passed",
        "messaging/written",
        "relay/arrived",
        "relay/childminder_access",
        "relay/childminder_invitation",
    ]
    sample = samples()["accounts/new_password"]
    worded = sample.rendered(HEAD, Words(before="Avant."), "Le service.")
    assert astuple(worded) == astuple(sample.rendered(HEAD))


@pytest.mark.once
def test_html_in_the_words_is_shown_as_it_was_typed() -> None:
    html = accepted(Words(before='<script>alert("{enfant}")</script>'))
    assert "<script" not in html
    assert '<script>alert("Zoé")</script>' in unescape(html)


@pytest.mark.parametrize("signs", ["a", "a-", "://", "https://", "{"])
def test_a_text_that_is_far_too_long_is_refused_at_once(signs: str) -> None:
    began = process_time()
    with pytest.raises(WordingRefused) as refused:
        part_checked("after", signs * 100_000, ())
    assert refused.value.code == "too_long"
    assert process_time() - began < 1


def test_what_stands_before_two_slashes_is_read_once() -> None:
    began = process_time()
    assert not BEFORE_SLASHES.search("a" * 100_000)
    assert process_time() - began < 1
