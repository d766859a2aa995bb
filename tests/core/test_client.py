from __future__ import annotations

import pytest

from marelle.core.client import client_address


def request_from(rf, remote: str, forwarded: str | None = None):
    extra = {} if forwarded is None else {"headers": {"X-Forwarded-For": forwarded}}
    return rf.get("/", REMOTE_ADDR=remote, **extra)


def test_without_a_proxy_the_header_is_not_believed(rf):
    assert client_address(request_from(rf, "192.0.2.1", "203.0.113.9")) == "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (1, "192.0.2.1", "192.0.2.1"),
        (1, "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (1, "2001:db8::1", "2001:db8::1"),
        (1, "invented", None),
        (2, "192.0.2.1", None),
        (1, None, None),
    ],
)
def test_only_the_word_of_our_proxies_counts(rf, settings, proxies, forwarded, expected):
    settings.TRUSTED_PROXIES = proxies
    assert client_address(request_from(rf, "10.0.0.1", forwarded)) == expected


def test_a_socket_file_has_no_address(rf):
    assert client_address(request_from(rf, "")) is None
