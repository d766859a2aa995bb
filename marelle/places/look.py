"""How the portal looks and what its public pages say: chosen by the office of the authority whose it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2s
from typing import Final

from django.db import transaction

from marelle.core.actor import Actor
from marelle.core.colours import ENOUGH, colour_read
from marelle.core.kept import kept_changed
from marelle.core.refusals import Refusal
from marelle.core.subject import Subject
from marelle.files.apart import fitted_apart
from marelle.files.rules import FileRefused, Fitted, Kind, Scan
from marelle.files.services import CheckedFile
from marelle.journal.edits import Shown, seen_check
from marelle.journal.services import record
from marelle.places.locks import portal_locked
from marelle.places.look_rules import ACCENT, MAIN, accent_contrast, main_contrast
from marelle.places.models import Authority, Look
from marelle.places.scope import is_office_of
from marelle.places.selectors import portal_authority_id
from marelle.places.texts import TEXT_LENGTH, TEXTS

LOGO_BOX: Final = (480, 138)
"""In pixels: three times what the header shows, for screens that draw finer."""

LOGO_BYTES: Final = 60_000
"""Beyond, it keeps 256 colours, some 70 000 bytes at most: it goes along with each mail."""


class LookRefused(Refusal):
    """`code`: "not_allowed", "contrast" (`field`), "logo_is_no_picture", "name_missing", or
    "text_not_possible" (`field`)."""


def may_set_look(actor: Actor) -> bool:
    """The office of the authority whose portal it is, and administrators."""
    authority_id = portal_authority_id()
    return authority_id is not None and is_office_of(actor, authority_id)


def look_set(
    *,
    actor: Actor,
    name: str,
    short_name: str,
    main: str,
    accent: str,
    logo: CheckedFile | None = None,
    without_logo: bool = False,
    seen: Shown | None = None,
    now: datetime,
) -> tuple[str, ...]:
    """Write names, colours and logo. Returns what changed, by name of field.

    `logo` replaces the one there; `without_logo` takes it away. `seen` is what the form showed, as
    `look_held`; None for who showed nothing. Raises LookRefused, ChangedMeanwhile, NoColour, or FileRefused.
    """
    if not may_set_look(actor):
        raise LookRefused("not_allowed")
    main, accent = colour_read(main), colour_read(accent)
    if main_contrast(main) < ENOUGH:
        raise LookRefused("contrast", field="main")
    if accent_contrast(accent) < ENOUGH:
        raise LookRefused("contrast", field="accent")
    if not name.strip() or not short_name.strip():
        raise LookRefused("name_missing")
    return _look_set(
        actor,
        {"name": name.strip(), "short_name": short_name.strip()},
        {"main": "" if main == MAIN else main, "accent": "" if accent == ACCENT else accent},
        None if logo is None else _fitted(logo),
        without_logo=without_logo,
        seen=seen,
        now=now,
    )


@transaction.atomic
def _look_set(
    actor: Actor,
    names: Mapping[str, str],
    colours: Mapping[str, str],
    logo: Fitted | None,
    *,
    without_logo: bool,
    seen: Shown | None,
    now: datetime,
) -> tuple[str, ...]:
    look = _locked(actor)
    authority = look.authority
    subject = Subject("authority", authority.pk, authority.name)
    seen_check(look_held(authority, look), seen, subject=subject, verbs=("authority.look_set",))
    changed = [*_set(authority, **names), *_set(look, **colours)]
    if logo is not None:
        drawn = {"logo": logo.content, "logo_width": logo.width, "logo_height": logo.height}
        changed += _set(look, logo_kind=Kind.PNG.value, **drawn)
    elif without_logo:
        changed += _set(look, logo=b"", logo_kind="", logo_width=0, logo_height=0)
    if changed:
        authority.save(update_fields=["name", "short_name"])
        _kept(actor, look, "authority.look_set", changed, now)
    return tuple(changed)


@transaction.atomic
def texts_set(
    *, actor: Actor, texts: Mapping[str, str], seen: Shown | None = None, now: datetime
) -> tuple[str, ...]:
    """Word the named texts, the others stay; an empty one, or one as by default, is the default again.

    `seen` is what the form showed of those named; None for who showed none. Returns the codes that changed.
    Raises LookRefused, ChangedMeanwhile.
    """
    look = _locked(actor)
    wanted = {code: "\n".join(text.split("\r\n")).strip() for code, text in texts.items()}
    for code, text in wanted.items():
        if code not in TEXTS or len(text) > TEXT_LENGTH or "\x00" in text:
            raise LookRefused("text_not_possible", field=code)
    shown = {code: text for code, text in texts_shown(look.texts).items() if wanted.get(code, text) != text}
    subject = Subject("authority", look.authority.pk, look.authority.name)
    seen_check(shown, seen, subject=subject, verbs=("authority.texts_set",))
    own = {
        code: text
        for code, text in {**look.texts, **wanted}.items()
        if text and text != str(TEXTS[code].default)
    }
    changed = [code for code in TEXTS if own.get(code) != look.texts.get(code)]
    if changed:
        look.texts = own
        _kept(actor, look, "authority.texts_set", changed, now)
    return tuple(changed)


def texts_shown(own: Mapping[str, str]) -> dict[str, str]:
    """Each named text as pages show it: the authority's own, or the default."""
    return {code: own.get(code) or str(text.default) for code, text in TEXTS.items()}


def look_held(authority: Authority, look: Look | None) -> Shown:
    """What a form on the look shows; of the logo, a mark."""
    logo = bytes(look.logo) if look is not None else b""
    return {
        "name": authority.name,
        "short_name": authority.short_name,
        "main": (look and look.main) or MAIN,
        "accent": (look and look.accent) or ACCENT,
        "logo": blake2s(logo, digest_size=8).hexdigest() if logo else "",
    }


def _locked(actor: Actor) -> Look:
    """The look of the portal, made where there is none. Two agents write one after the other."""
    authority = portal_locked()
    if authority is None or not is_office_of(actor, authority.pk):
        raise LookRefused("not_allowed")
    look, _made = Look.objects.get_or_create(authority=authority)
    look.authority = authority
    return look


def _kept(actor: Actor, look: Look, verb: str, changed: list[str], now: datetime) -> None:
    look.revision += 1
    look.save()
    subject = Subject("authority", look.authority.pk, look.authority.name)
    record(actor=actor, verb=verb, subject=subject, data={"fields": changed}, now=now)
    kept_changed()


def _set(row: Authority | Look, **values: object) -> list[str]:
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return changed


def _fitted(logo: CheckedFile) -> Fitted:
    """Shown on every page at once, it cannot wait for clamd. Raises FileRefused."""
    if logo.scan is Scan.WAITING:
        raise FileRefused("unscanned")
    if logo.cleaned.kind is Kind.PDF:
        raise LookRefused("logo_is_no_picture")
    return fitted_apart(logo.cleaned.content, box=LOGO_BOX, light=LOGO_BYTES)
