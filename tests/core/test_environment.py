from __future__ import annotations

from pathlib import Path

import pytest

from marelle.core.environment import Environment, MailServer, WrongSetting


def env(**values: str) -> Environment:
    return Environment(values)


def test_an_empty_value_counts_as_absent():
    assert env(A="  ").text("A", "default") == "default"
    with pytest.raises(WrongSetting, match="A is missing"):
        env(A="").text("A")


@pytest.mark.parametrize("value", ["true", "yes", "False", "2", "-1"])
def test_a_flag_is_0_or_1(value):
    with pytest.raises(WrongSetting, match="DEBUG must be 0 or 1"):
        env(DEBUG=value).flag("DEBUG")
    assert env(DEBUG="1").flag("DEBUG") is True
    assert env(DEBUG="0").flag("DEBUG", default=True) is False


@pytest.mark.parametrize("value", ["-1", "6", "1.5", "un", "²"])
def test_a_whole_number_has_bounds(value):
    with pytest.raises(WrongSetting, match="N must be a whole number from 0 to 5"):
        env(N=value).whole("N", 0, minimum=0, maximum=5)


@pytest.mark.parametrize("value", ["short", "k" * 43, "é" * 44, f"{'k' * 43}=,no"])
def test_a_key_that_is_none_is_told_by_its_place_and_never_shown(value):
    with pytest.raises(WrongSetting, match=f"no key at place {2 if ',' in value else 1}") as told:
        env(K=value).keys("K", "")
    assert value not in str(told.value)


def test_keys_are_in_the_order_given():
    first, second = "a" * 43 + "=", "b" * 42 + "A="
    assert env(K=f"{first}, {second},").keys("K", "") == (first, second)
    assert env().keys("K", "") == ()


def test_a_choice_lists_what_is_allowed():
    assert env(L="INFO").choice("L", "DEBUG", ("DEBUG", "INFO")) == "INFO"
    with pytest.raises(WrongSetting, match="one of DEBUG, INFO, not 'loud'"):
        env(L="loud").choice("L", "DEBUG", ("DEBUG", "INFO"))


def test_hosts_and_origins_are_told_apart():
    assert env(H="a.fr, b.fr").hosts("H", ()) == ["a.fr", "b.fr"]
    assert env(O="https://a.fr/,http://b.fr:8000").origins("O", ()) == ["https://a.fr", "http://b.fr:8000"]
    with pytest.raises(WrongSetting, match="H must list host names"):
        env(H="https://a.fr").hosts("H", ())
    for wrong in ("a.fr", "ftp://a.fr", "https://a.fr/portail", "https://", "https://[::1"):
        with pytest.raises(WrongSetting, match="PUBLIC_URL"):
            env(PUBLIC_URL=wrong).origin("PUBLIC_URL")


def test_the_mail_server():
    assert env().mail_server("MAIL_URL") is None
    assert env(M="smtp://u%40a.fr:p%2Fw@h").mail_server("M") == MailServer(
        "h", 587, "u@a.fr", "p/w", "starttls"
    )
    assert env(M="smtps://h").mail_server("M") == MailServer("h", 465, "", "", "tls")
    assert env(M="smtp://h:25?encryption=none").mail_server("M") == MailServer("h", 25, "", "", "none")


@pytest.mark.parametrize("value", ["http://h", "smtp://", "smtp://h:99999", "smtp://h?encryption=rot13"])
def test_a_wrong_mail_server_is_refused(value):
    with pytest.raises(WrongSetting, match="MAIL_URL"):
        env(MAIL_URL=value).mail_server("MAIL_URL")


def test_a_folder_is_made_or_refused(tmp_path: Path):
    assert env(D=str(tmp_path / "a" / "b")).folder("D", tmp_path).is_dir()
    (tmp_path / "file").write_text("")
    with pytest.raises(WrongSetting, match="D names a folder that cannot be used"):
        env(D=str(tmp_path / "file")).folder("D", tmp_path)


def test_a_contact_is_a_mail_address_a_page_or_a_number():
    several = env(C="securite@example.fr, https://example.fr/securite,tel:+33-353-012000,")
    assert several.contacts("C") == (
        "mailto:securite@example.fr",
        "https://example.fr/securite",
        "tel:+33-353-012000",
    )
    assert env().contacts("C") == ()


@pytest.mark.parametrize("value", ["securite", "http://example.fr", "a@b.fr\nPolicy: x", "mailto:", "tel:"])
def test_a_contact_that_leads_nowhere_is_refused(value):
    with pytest.raises(WrongSetting, match="C must list mail addresses"):
        env(C=value).contacts("C")


@pytest.mark.parametrize("value", ["http://example.fr/", "https://", "https://a.fr/b c", "https:///page"])
def test_a_page_is_a_whole_address_in_https(value):
    with pytest.raises(WrongSetting, match="P must be an address like"):
        env(P=value).page("P")
    assert env(P="https://example.fr/a").page("P") == "https://example.fr/a"
