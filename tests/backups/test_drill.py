"""A backup is tried beside the portal: put back, verified, its pages opened; administrators are told."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from marelle.backups.drilling import JOB, Drilled, drill, drill_note
from marelle.backups.making import backup_make
from marelle.backups.places import Folder
from marelle.core.actor import Role
from marelle.flows.models import JobRound
from marelle.mail.models import Message
from marelle.places.models import Structure
from tests.backups.machines import Portal, on_sqlite
from tests.races.crowd import NOW
from tests.scenario import Scenario


@pytest.fixture
def portal(files_folder: Path, transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Portal:
    """With an administrator and a director, whose pages are opened."""
    monkeypatch.setenv("DEBUG", "1")  # no folder of collected styles is needed
    for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET"):  # none of which is to be asked
        monkeypatch.setenv(f"OIDC_{name}", "https://keycloak.example")
    world = Scenario()
    for role in (Role.ADMINISTRATOR, Role.DIRECTOR):
        user = world.staff(role.value, role)
        type(user).objects.filter(pk=user.pk).update(email=f"{role.value}@arelle.example")
    return Portal(files_folder, world)


def mails() -> list[str]:
    return list(Message.objects.filter(kind="backups/drill").order_by("pk").values_list("subject", flat=True))


@on_sqlite
def test_what_comes_back_is_told_once(portal: Portal, place: Folder) -> None:
    made = backup_make(place=place, recipient="", now=NOW)
    call_command("drill", place.path, stdout=(said := io.StringIO()))
    assert f"{made.name}\u00a0: restaurée, vérifiée" in said.getvalue()
    noted = JobRound.objects.get(job=JOB)
    assert not noted.failure
    assert noted.done >= 10, "pages"
    drill_note(Drilled(made.name, 50), began=NOW)
    assert mails() == ["Sauvegarde essayée\u00a0: elle se restaure"]
    assert [one.to for one in Message.objects.all()] == ["administrator@arelle.example"]


@pytest.mark.prove
@on_sqlite
def test_what_does_not_is_told_each_time_and_when_it_does_again(
    portal: Portal, place: Folder, capsys: pytest.CaptureFixture[str]
) -> None:
    (portal.folder / portal.kept.path).unlink()
    Structure.objects.update(kind="of another world")
    backup_make(place=place, recipient="", now=NOW)
    with pytest.raises(CommandError):
        call_command("drill", place.path)
    said = capsys.readouterr().err
    assert f"fichier {portal.kept.pk}" in said
    assert "\u00a0: 500" in said, "a page does not open"
    text = Message.objects.get().text
    assert f"fichier {portal.kept.pk}" in text
    assert "Traceback" in said, "for the operator"
    assert "Traceback" not in text, "which may hold anything"
    assert JobRound.objects.get(job=JOB).failure == "drill_failed"
    drill_note(Drilled("the next", 50), began=NOW)
    assert [subject.endswith("elle se restaure") for subject in mails()] == [False, True]


@on_sqlite
def test_a_backup_that_is_cut_is_told_and_the_portal_is_as_it_was(portal: Portal, place: Folder) -> None:
    made = backup_make(place=place, recipient="", now=NOW)
    path = place.path / made.name
    os.truncate(path, path.stat().st_size // 2)
    drilled = drill(path=path, identity=None)
    assert "incomplète" in drilled.troubles[0]
    assert drilled.pages == 0
    assert portal.files()
