"""Passwords that were stolen elsewhere, looked for in a file beside the portal."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.test import Client

from marelle.accounts.breached import is_breached
from marelle.accounts.checks import check_breached
from tests.accounts.people import OTHER_PASSWORD, PASSWORD, someone

STOLEN = [f"un mot de passe volé {number}" for number in range(300)]


def hash_of(password: str) -> str:
    return hashlib.sha1(password.encode()).hexdigest().upper()  # noqa: S324 - the list's own


def one_file(folder: Path, passwords: list[str], end: str = "\r\n", last: str = "") -> Path:
    path = folder / "pwned.txt"
    lines = sorted(f"{hash_of(one)}:{number * 97 + 1}" for number, one in enumerate(passwords))
    path.write_bytes((end.join(lines) + last).encode())
    return path


def many_files(folder: Path, passwords: list[str], suffix: str = ".txt") -> Path:
    (folder / f"00000{suffix}").write_text(f"{'A' * 35}:2\n")
    for one in map(hash_of, passwords):
        with (folder / f"{one[:5]}{suffix}").open("a") as part:
            part.write(f"{one[5:]}:3\r\n")
    return folder


@pytest.mark.parametrize(("end", "last"), [("\r\n", "\r\n"), ("\n", "\n"), ("\n", "")])
def test_each_line_of_one_file_is_found_and_nothing_else(tmp_path, settings, end: str, last: str) -> None:
    settings.BREACHED_PASSWORDS = one_file(tmp_path, STOLEN, end, last)
    assert check_breached() == []
    assert all(is_breached(one) for one in STOLEN)
    assert not any(is_breached(f"{one}.") for one in STOLEN)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_a_short_list_is_looked_through_too(tmp_path, settings, count: int) -> None:
    settings.BREACHED_PASSWORDS = one_file(tmp_path, STOLEN[:count])
    assert [is_breached(one) for one in STOLEN[:3]] == [number < count for number in range(3)]


@pytest.mark.parametrize("suffix", ["", ".txt"])
def test_a_folder_of_files_by_their_start(tmp_path, settings, suffix: str) -> None:
    settings.BREACHED_PASSWORDS = many_files(tmp_path, STOLEN[:40], suffix)
    assert check_breached() == []
    assert all(is_breached(one) for one in STOLEN[:40])
    assert not any(is_breached(one) for one in STOLEN[40:80])


def test_without_a_list_nothing_is_refused_by_it(settings) -> None:
    assert settings.BREACHED_PASSWORDS is None
    assert not is_breached(STOLEN[0])
    assert check_breached() == []


NTLM = "0" * 32 + ":3\n"
BACKWARDS = f"{'F' * 40}:1\n{'0' * 40}:1\n"


@pytest.mark.parametrize("text", ["", "password\n", NTLM, BACKWARDS, f"{'a' * 40}:1\n", "x" * 5000])
def test_what_is_no_such_list_is_said_and_keeps_nobody_out(tmp_path, settings, text: str) -> None:
    settings.BREACHED_PASSWORDS = tmp_path / "list.txt"
    settings.BREACHED_PASSWORDS.write_text(text)
    assert [one.id for one in check_breached()] == ["marelle.W010"]
    assert not is_breached(STOLEN[0])


def test_a_list_that_is_away_is_said_and_keeps_nobody_out(tmp_path, settings, caplog) -> None:
    for path in (tmp_path / "nowhere.txt", tmp_path):
        settings.BREACHED_PASSWORDS = path
        assert [one.id for one in check_breached()] == ["marelle.W010"]
        caplog.clear()
        assert not is_breached(STOLEN[0])
        assert "BREACHED_PASSWORDS" in caplog.text
        assert STOLEN[0] not in caplog.text


def test_none_of_them_is_chosen(tmp_path, settings) -> None:
    settings.BREACHED_PASSWORDS = one_file(tmp_path, [PASSWORD])
    with pytest.raises(ValidationError, match="volé sur un autre site"):
        validate_password(PASSWORD)
    validate_password(OTHER_PASSWORD)


@pytest.mark.django_db
def test_one_of_them_lets_in_with_a_word(tmp_path, settings, client: Client) -> None:
    settings.BREACHED_PASSWORDS = one_file(tmp_path, [PASSWORD, "wrong"])
    someone()
    said = "circule\u00a0: changez-le"
    wrong = client.post("/connexion/", {"identifier": "camille", "password": "wrong"})
    assert said not in wrong.content.decode()
    page = client.post("/connexion/", {"identifier": "camille", "password": PASSWORD}, follow=True)
    assert said in page.content.decode()
    typed = {"present": PASSWORD, "password": PASSWORD, "repeated": PASSWORD}
    refused = client.post("/compte/mot-de-passe/", typed).content.decode()
    assert "choisissez-en un autre" in refused
    other = {"present": PASSWORD, "password": OTHER_PASSWORD, "repeated": OTHER_PASSWORD}
    assert client.post("/compte/mot-de-passe/", other).status_code == 302
