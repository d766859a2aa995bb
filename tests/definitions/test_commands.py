"""`init` and `export definitions` as somebody types them."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from marelle.accounts.models import User
from marelle.definitions import asking
from marelle.definitions.management.commands import init
from marelle.definitions.models import DefinitionKey
from marelle.definitions.tree import definitions_read
from marelle.places.models import Authority, Structure
from tests.definitions.example import HAMLET, NOW, VILLAGE, edited

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def then(time_machine) -> None:
    time_machine.move_to(NOW)


@pytest.fixture
def at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is typed, line by line."""
    typed: list[str] = []
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _words: typed.pop(0))
    return typed


def said(*arguments: Any) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out)
    return out.getvalue().replace("\u00a0", " ")


def kept(at: Path, text: str) -> str:
    (at / "village.yaml").write_text(text)
    return "village.yaml"


def test_from_a_file_to_who_administers(at: Path, client: Client) -> None:
    file = kept(at, HAMLET)
    told = said("init", file, "--yes", "--invitation-link")
    assert "+ structures › lieu (Lieu)" in told
    assert "Soir : " in told
    assert "ouvertures créées" in told
    (link,) = [word for word in told.split() if "/activation/" in word]
    page = client.get("/" + link.split("/", 3)[3])
    assert "Nina Roux" in page.content.decode()
    assert said("init", file, "--yes") == "= 9 définitions déjà comme le fichier le dit\nRien à changer.\n"
    assert said("export", "definitions", "autre.yaml").startswith("autre.yaml : ")
    assert (at / "autre.yaml").read_text() == said_text()
    assert "Rien à changer." in said("init", "autre.yaml")


def said_text() -> str:
    out = StringIO()
    call_command("export", "definitions", stdout=out)
    return out.getvalue()


def test_where_mails_leave_the_link_is_in_the_mail_alone(at: Path, settings) -> None:
    settings.MAIL_IS_SENT = True
    told = said("init", kept(at, HAMLET), "--yes")
    assert "Nina Roux reçoit une invitation à nina@bourg.example." in told
    assert "/activation/" not in told


def test_a_difference_is_shown_and_nothing_written_without_a_yes(at: Path, terminal: list[str]) -> None:
    said("init", kept(at, HAMLET), "--yes")
    file = kept(at, edited(("nom: Lieu", "nom: Le lieu"), text=HAMLET))
    terminal += ["n", "oui"]
    told = said("init", file)
    assert "~ structures › lieu (Le lieu)\n    nom : Lieu → Le lieu\n" in told
    assert told.endswith("Rien n’est écrit.\n")
    assert "Rien n’est écrit (--dry-run)." in said("init", file, "--dry-run")
    assert Structure.objects.get().name == "Lieu"
    said("init", file)
    assert Structure.objects.get().name == "Le lieu"


def test_without_a_terminal_it_asks_for_a_yes(at: Path) -> None:
    with pytest.raises(CommandError, match="ajoutez --yes"):
        said("init", kept(at, HAMLET))
    with pytest.raises(CommandError, match="Donnez un fichier"):
        said("init")
    assert not Authority.objects.exists()


def test_faults_are_told_with_the_file_and_the_line(at: Path) -> None:
    wrong = edited(("zone: A", "zone: Z"), ("périscolaire\n    comm", "autre\n    comm"), text=HAMLET)
    file = kept(at, wrong)
    out = StringIO()
    with pytest.raises(CommandError, match="2 erreurs dans village"):
        call_command("init", file, "--yes", stdout=out, stderr=out)
    assert out.getvalue().startswith("village.yaml, ligne 7, calendriers › ecole › zone\u00a0:")
    assert not DefinitionKey.objects.exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("village.yaml", "collectivités: é".encode("latin-1"), "n’est pas un texte en UTF-8"),
        ("absent.yaml", b"", "ne s’ouvre pas"),
        (".", b"", "ne s’ouvre pas"),
        ("village.yaml", b"\x89PNG\r\n\x1a\n\x00\x00", "n’est pas un texte en UTF-8"),
        ("village.yaml", b"", "1 erreur"),
    ],
)
def test_what_is_no_file_of_ours_is_told_in_a_sentence(
    at: Path, name: str, content: bytes, told: str
) -> None:
    (at / "village.yaml").write_bytes(content)
    with pytest.raises(CommandError, match=told):
        said("init", name, "--yes")


def test_a_file_saved_by_a_windows_editor_is_read(at: Path) -> None:
    (at / "village.yaml").write_bytes(b"\xef\xbb\xbf" + HAMLET.replace("\n", "\r\n").encode())
    assert "C’est écrit." in said("init", "village.yaml", "--yes")


ANSWERS = [
    "", "Mairie de Saint-Loup", "123", "", "Saint-Loup", "2199", "21994", "z", "b", "Garderie : le soir",
    "autre",
    "périscolaire", "Jean « Jo » Dupré", "jo", "jo@saint-loup.example",
]  # fmt: skip


def test_a_few_questions_write_the_file(at: Path, terminal: list[str]) -> None:
    terminal += [*ANSWERS, "o"]
    told = said("init")
    assert terminal == []
    assert "Une réponse est attendue." in told
    assert "La suite : python -m marelle check" in told
    text = (at / "marelle.yaml").read_text()
    assert "# activités:" in text
    assert Structure.objects.get().name == "Garderie : le soir"
    assert User.objects.get().display_name == "Jean « Jo » Dupré"
    assert said("init", "marelle.yaml", "--yes").endswith("Rien à changer.\n")
    with pytest.raises(CommandError, match="est déjà là"):
        said("init")


def test_what_the_model_leaves_for_later_can_be_read_too() -> None:
    """Each line that begins with # as a secretary would take it off."""
    answers = {
        "nom": "Mairie", "siret": "", "commune": "Bourg", "code_postal": "21990", "zone": "A",
        "structure": "Cantine",
        "nature": "restauration scolaire", "prenom_nom": "Nina", "courriel": "n@b.example",
    }  # fmt: skip
    text = asking.model_text(answers, NOW.date())
    body = text[text.index("format:") : text.index("premiers agents:")]
    body = body.replace("# Les vacances et", "## Les vacances et").replace("\n#   ", "\n  ")
    read = definitions_read(body.replace("  # ", "  ").replace("# activités", "activités"))
    assert {("slot", ("cantine", "repas")), ("closure", ("cantine", "ete"))} <= read.entries.keys()
    assert "<" not in text


def test_a_database_that_waits_for_an_update_is_left_alone(at: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said("init", kept(at, HAMLET), "--yes")
    monkeypatch.setattr(init, "_pending", lambda: True)
    with pytest.raises(CommandError, match="attend une mise à jour"):
        said("init", "village.yaml", "--yes")


def test_what_cannot_be_written_leaves_the_file_that_was_there(at: Path) -> None:
    said("init", kept(at, VILLAGE), "--yes")
    (at / "dossier").mkdir()
    with pytest.raises(CommandError, match="ne s’écrit pas"):
        said("export", "definitions", "dossier")
    with pytest.raises(CommandError, match="ne s’écrit pas"):
        said("export", "definitions", "nulle/part.yaml")
