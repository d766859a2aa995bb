"""Every address asks who is there, unless it is listed here as public."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.converters import get_converters

PUBLIC = {
    "/compte/adresse-mail/<str:token>/",  # the link that confirms a mail address, opened on any device
    "/",
    "/connexion/",
    "/connexion/cle/",
    "/connexion/code/",  # the second page of a connection: nobody is in yet
    "/connexion/premiere-visite/",  # of who was recognised in that browser, and is nobody here yet
    "/contact/",
    "/contact/ecrire/",
    "/deconnexion/",
    "/guichet-unique/",
    "/guichet-unique/recue/",
    "/tarifs/simuler/",
    "/tarifs/simuler/<id:activity_id>/",
    "/tirages/verificateur.py",
    "/tirages/<id:drawn_id>/",  # a draw that anybody may do again: tickets, and no name
    "/tirages/<id:drawn_id>/tirage.json",
    "/accessibilite/",
    "/donnees-personnelles/",
    "/mentions-legales/",
    "/.well-known/security.txt",  # whoever found a weakness has no account
    "/administration/login/",
    "/administration/jsi18n/",
}
PUBLIC_UNDER = (
    "/sante/",  # for machines: from this one, or with a token (tests/portal/test_machines.py)
    "/mot-de-passe/",
    "/activation/",
    "/compte/adresse/",
    "/demo/",
    "/connexion/avec/",  # a provider that the portal has not is a page that there is not
    "/calendrier/",
    "/ne-plus-recevoir/",
    "/theme/",
    "/porte/",  # a tablet's own cookie opens it: tests/agents/test_porte.py
)
SAMPLES = {"int": "1", "slug": "a", "str": "a", "path": "a", "uuid": "0" * 8 + "-0000-4000-8000-" + "0" * 12}


def walk(resolver: URLResolver, prefix: str = "/") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        address = prefix + str(entry.pattern).removeprefix("^").removesuffix("$")
        if isinstance(entry, URLResolver):
            yield from walk(entry, address)
        else:
            yield address, entry


def sample(address: str) -> str:
    """An address that the route takes: a value for each of its arguments."""

    def value(match: re.Match[str]) -> str:
        kind = match.group(1) or "str"
        if kind in SAMPLES:
            return SAMPLES[kind]
        for text in ("2026-09-08", "1", "a"):
            if re.fullmatch(get_converters()[kind].regex, text):
                return text
        pytest.fail(f"SAMPLES has nothing for <{kind}:…>, of {address}")

    return re.sub(r"<(?:(\w+):)?\w+>", value, address)


ROUTES = [(a, p) for a, p in walk(get_resolver()) if "(?P" not in a]


def is_public(address: str) -> bool:
    return address in PUBLIC or address.startswith(PUBLIC_UNDER)


def test_public_routes_are_those_of_the_list():
    opened = {a for a, p in ROUTES if not getattr(p.callback, "login_required", True)}
    assert {a for a in opened if not is_public(a)} == set()


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("address", sorted({a for a, _ in ROUTES if not is_public(a)}))
def test_a_stranger_is_sent_to_the_login_page(client, address):
    answer = client.get(sample(address))
    assert answer.status_code == 302, address
    assert answer["Location"].startswith(("/connexion/?next=", "/administration/login/?next="))
    posted = client.post(sample(address))
    assert posted.status_code == 302, address
    assert posted["Location"].startswith(("/connexion/", "/administration/login/"))
