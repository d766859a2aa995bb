"""In whose name a mail leaves: the name, colour and logo of its authority, as mail programs get them."""

from __future__ import annotations

import email
import io
import os
import re
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from django.core import mail
from PIL import Image

from marelle.core.actor import Role
from marelle.core.colours import ENOUGH, WHITE, contrast
from marelle.core.kept import kept_changed
from marelle.files.rules import Cleaned, Kind
from marelle.files.services import CheckedFile
from marelle.flows.actor.actors import actor_for
from marelle.mail.letterhead import letterhead_of
from marelle.mail.models import Message
from marelle.mail.rendering import on_screen
from marelle.mail.services import queue, send_due
from marelle.places.look import look_set
from marelle.places.look_rules import ACCENT, MAIN
from marelle.places.models import Authority, Look
from tests.scenario import Scenario

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
CONTEXT = {"name": "Camille Durand", "url": "https://portail.example/x/", "days": 14}


def a_logo(picture: Image.Image | None = None) -> bytes:
    written = io.BytesIO()
    (picture or Image.new("RGB", (300, 90), "teal")).save(written, "PNG")
    return written.getvalue()


def look(authority: Authority, **more: Any) -> Look:
    logo = {"logo": a_logo(), "logo_kind": "image/png", "logo_width": 300, "logo_height": 90}
    return Look.objects.create(authority=authority, **{**logo, **more})


def queued(authority: Authority | None = None) -> Message:
    whose = {"authority_id": authority.pk} if authority else {}
    return queue(kind="accounts/invitation", to="c@example.org", context={**CONTEXT, **whose}, now=NOW)


def test_a_mail_comes_under_the_name_of_its_authority(settings: Any) -> None:
    authority = Scenario().the_structure.authority
    settings.DEFAULT_FROM_EMAIL = "portail@arelle.example"
    queued(authority)
    (sender,) = arrived()["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (authority.name, "portail@arelle.example")
    settings.DEFAULT_FROM_EMAIL = "Espace famille <portail@arelle.example>"
    queued(authority)
    assert str(arrived()["From"]) == "Espace famille <portail@arelle.example>"


def arrived() -> EmailMessage:
    """The mail as it goes over the wire, read again."""
    send_due(now=NOW)
    return email.message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=default)  # type: ignore[return-value]


def test_the_logo_goes_along_and_the_html_shows_it_from_there() -> None:
    look(Scenario().authority("Val d’Arelle"), main="#123456")
    queued()
    got = arrived()
    assert got.get_content_type() == "multipart/related"
    words, logo = got.iter_parts()
    assert [part.get_content_type() for part in words.iter_parts()] == ["text/plain", "text/html"]
    assert (logo.get_content_type(), logo["Content-ID"]) == ("image/png", "<logo@marelle>")
    assert logo.get_content_disposition() == "inline"
    assert logo.get_content() == a_logo()
    text, html = (part.get_content() for part in words.iter_parts())
    assert re.findall(r'<img src="([^"]+)" width="100" height="30" alt="([^"]+)"', html) == [
        ("cid:logo@marelle", "Val d’Arelle")
    ]
    assert html.count('bgcolor="#123456"') == 2, "the bar and the button"
    assert "cid:" not in text
    assert not re.search(r'src="(?!cid:)|url\(', html), "nothing is fetched from elsewhere"


def test_without_a_logo_the_name_stands_there_and_nothing_is_attached() -> None:
    Scenario().authority("Val <b>d’Arelle</b>")
    queued()
    got = arrived()
    assert got.get_content_type() == "multipart/alternative"
    html = got.get_body(("html",))
    assert html is not None
    assert "<b>Val &lt;b&gt;d’Arelle&lt;/b&gt;</b>" in html.get_content()
    assert f'bgcolor="{MAIN}"' in html.get_content()


def test_each_authority_has_its_own_head_and_the_colour_of_the_portal() -> None:
    world = Scenario()
    look(world.authority("Val d’Arelle"), main="#123456")
    village = world.authority("Mairie d’Arelle")
    of_village, of_portal = queued(village), queued()
    assert "<b>Mairie d’Arelle</b>" in of_village.html
    assert "cid:" not in of_village.html
    assert 'bgcolor="#123456"' in of_village.html
    assert 'alt="Val d’Arelle"' in of_portal.html
    assert (of_village.authority_id, of_portal.authority_id) == (village.pk, None)


def test_a_logo_taken_away_before_the_mail_leaves_its_name_in_its_place() -> None:
    found = look(Scenario().authority("Val d’Arelle"))
    queued()
    found.delete()
    kept_changed()
    assert arrived().get_content_type() == "multipart/alternative"


def test_what_the_office_chooses_is_on_the_next_mail() -> None:
    office = actor_for(Scenario().staff("guichet", Role.OFFICE))
    before = queued()
    look_set(actor=office, name="Vallée", short_name="V", main="#5a2a82", accent=ACCENT, now=NOW)
    assert "#5a2a82" not in before.html
    assert "<b>Vallée</b>" in queued().html
    assert 'bgcolor="#5a2a82"' in queued().html


def test_a_heavy_logo_is_made_light_since_it_goes_with_each_mail() -> None:
    office = actor_for(Scenario().staff("guichet", Role.OFFICE))
    noise = Image.frombytes("RGB", (960, 276), os.urandom(960 * 276 * 3))
    sent = CheckedFile("logo.png", Cleaned(a_logo(noise), Kind.PNG, 1))
    look_set(actor=office, name="V", short_name="V", main=MAIN, accent=ACCENT, logo=sent, now=NOW)
    kept = letterhead_of(None)
    assert 10_000 < len(kept.logo) < 75_000
    assert kept.shown_size == (160, 46)


def test_white_is_read_on_the_colour_of_a_portal_that_chose_none() -> None:
    assert contrast(WHITE, letterhead_of(None).ground) >= ENOUGH


def test_on_a_page_the_logo_comes_from_the_portal() -> None:
    look(Scenario().authority())
    shown = on_screen(queued().html, '/theme/logo-1.png?a=1&b="2"')
    assert 'src="/theme/logo-1.png?a=1&amp;b=&quot;2&quot;"' in shown
    assert "cid:" not in shown
