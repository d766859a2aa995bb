"""Encrypted to a public key: its secret half alone reads a backup."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from marelle.backups.making import backup_make
from marelle.backups.restoring import backup_restore
from marelle.families.models import HealthSheet
from tests.backups.machines import (
    LATER,
    elsewhere,
    on_sqlite,
    refused,
)
from tests.races.crowd import NOW


def program(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        if os.environ.get("MARELLE_REQUIRE_CIPHERS") == "1":
            pytest.fail(f"no {name}")
        pytest.skip(f"no {name}: apt-get install age gnupg")
    return path


def age_key(identity: Path) -> str:
    """A new one, kept there; its public half."""
    made = subprocess.run([program("age-keygen")], capture_output=True, text=True, check=True)
    identity.write_text(made.stdout)
    return made.stderr.rsplit(" ", 1)[-1].strip()


@on_sqlite
def test_encrypted_by_age_its_secret_key_alone_reads_it(settings, tmp_path, portal, place):
    recipient = age_key(identity := tmp_path / "secret")
    kept = backup_make(place=place, recipient=recipient, now=NOW)
    path = place.path / kept.name
    assert path.suffix == ".age"
    assert path.read_bytes().startswith(b"age-encryption.org/")
    other = tmp_path / "other"
    other.write_text(
        subprocess.run([program("age-keygen")], capture_output=True, text=True, check=True).stdout
    )
    with elsewhere(settings, tmp_path / "there"):
        refused("identity", lambda: backup_restore(path=path, identity=None))
        assert "age" in refused("program_failed", lambda: backup_restore(path=path, identity=other))
        cut = tmp_path / "cut.tar.age"
        cut.write_bytes(path.read_bytes()[:-5_000])
        refused("program_failed", lambda: backup_restore(path=cut, identity=identity))
        assert not connection.introspection.table_names()
        backup_restore(path=path, identity=identity)
        assert HealthSheet.objects.exists()


@pytest.mark.prove
@on_sqlite
def test_encrypted_by_gnupg_its_secret_key_alone_reads_it(settings, tmp_path, portal, place, monkeypatch):
    home = tmp_path / "gnupg"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    gpg = [program("gpg"), "--batch", "--quiet", "--passphrase", ""]
    subprocess.run([*gpg, "--quick-gen-key", "backup@example.test", "rsa2048", "encr"], check=True)
    listed = subprocess.run(
        [*gpg, "--list-keys", "--with-colons"], capture_output=True, text=True, check=True
    )
    recipient = next(line.split(":")[9] for line in listed.stdout.splitlines() if line.startswith("fpr"))
    try:
        kept = backup_make(place=place, recipient=recipient, now=NOW)
        assert kept.name.endswith(".gpg")
        with elsewhere(settings, tmp_path / "there"):
            backup_restore(path=place.path / kept.name, identity=None)
            assert HealthSheet.objects.exists()
        refused("program_failed", lambda: backup_make(place=place, recipient="A" * 40, now=LATER))
        assert place.names() == [kept.name]
    finally:
        subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=False)


@on_sqlite
def test_a_recipient_that_is_none_is_told(portal, place):
    assert "age1" in refused("recipient", lambda: backup_make(place=place, recipient="bob", now=NOW))
