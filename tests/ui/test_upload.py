"""The field that takes files, with its script and without."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.datastructures import MultiValueDict
from playwright.sync_api import FilePayload, Page, Route, expect

from marelle.ui.forms import MultipleFileField
from tests.files import samples
from tests.ui.urls import SendingForm

Opener = Callable[..., Page]


def cleaned(*contents: tuple[str, bytes]) -> SendingForm:
    uploads = [SimpleUploadedFile(name, content) for name, content in contents]
    return SendingForm({"title": "Vaccins"}, MultiValueDict({"files": uploads}))


def errors(*contents: tuple[str, bytes]) -> list[str]:
    return list(cleaned(*contents).errors.get("files", []))


def test_each_file_comes_out_checked() -> None:
    form = cleaned(("a.pdf", samples.pdf(pages=2)), ("b.jpg", samples.picture()))
    assert form.is_valid()
    assert [(file.name, file.cleaned.pages) for file in form.cleaned_data["files"]] == [
        ("a.pdf", 2),
        ("b.jpg", 1),
    ]


def test_one_error_needs_no_name_and_several_name_their_file() -> None:
    assert errors(("a.svg", samples.SVG)) == [
        "Ce fichier n’est ni un PDF ni une photo : envoyez un PDF, un JPEG ou un PNG."
    ]
    first, second = errors(("vide.pdf", b""), ("bon.jpg", samples.picture()), ("<b>.pdf", samples.SVG))
    assert first == "« vide.pdf » : Ce fichier est vide : choisissez-en un autre."
    assert second.startswith("« <b>.pdf » : Ce fichier n’est ni")


def test_limits_are_held_before_anything_is_read() -> None:
    def read(_upload: object) -> None:
        raise AssertionError("read")

    field = MultipleFileField(max_files=2, max_bytes=1024 * 1024, max_total_bytes=2 * 1024 * 1024, check=read)
    page = SimpleUploadedFile("a.pdf", b"0" * 1024 * 1024)
    for value, code in [
        ([], "required"),
        ([page] * 3, "too_many"),
        ([SimpleUploadedFile("a.pdf", b"0" * 2_000_000)] * 2, "too_heavy"),
        ([SimpleUploadedFile("a.pdf", b"0" * 1_100_000)], "too_big"),
        ([SimpleUploadedFile("a.pdf", b"")], "empty"),
    ]:
        with pytest.raises(Exception) as refused:  # noqa: PT011 - its code is what is looked at
            field.clean(value)
        found = getattr(refused.value, "error_list", [refused.value])
        assert [error.code for error in found] == [code]
    assert MultipleFileField(max_bytes=1, max_total_bytes=1, required=False).clean([]) == []


def test_the_limits_are_told_beside_the_field() -> None:
    written = str(SendingForm()["files"])
    assert "multiple" in written
    assert 'accept="application/pdf,image/jpeg' in written
    assert 'data-bytes="10485760"' in written
    assert str(SendingForm().fields["files"].help_text).endswith("3 fichiers au plus.")


# In a browser


@pytest.fixture
def on_disk(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """A file that the browser reads by itself: what is heavy is slow to hand over."""

    def written(name: str, content: bytes) -> Path:
        (tmp_path / name).write_bytes(content)
        return tmp_path / name

    return written


def payload(name: str, content: bytes, kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


PHOTO = payload("photo.jpg", samples.picture((400, 300)))
PAGE = payload("page.pdf", samples.pdf(), "application/pdf")


@pytest.mark.urls("tests.ui.urls")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [1280, 390])
def test_pages_are_chosen_seen_taken_off_and_sent(
    width: int, open_page: Opener, axe: Callable[[Page], list[str]]
) -> None:
    page = open_page(width=width)
    page.goto("/envoi/")
    field = page.get_by_label("Vos pages")
    page.get_by_label("Titre").fill("Vaccins")
    field.set_input_files([PHOTO])
    field.set_input_files([PAGE, payload("vide.pdf", b"", "application/pdf")])
    expect(page.get_by_role("alert")).to_contain_text("« vide.pdf » est vide")
    chosen = page.get_by_role("list", name="Fichiers choisis").get_by_role("listitem")
    expect(chosen).to_have_count(2)
    expect(chosen.first.locator("canvas")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Retirer page.pdf").click()
    expect(chosen).to_have_count(1)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("Reçu : photo.jpg image/jpeg")
    expect(page).to_have_url("/envoi/?fait")
    expect(page.get_by_role("list", name="Fichiers choisis").get_by_role("listitem")).to_have_count(0)


@pytest.mark.urls("tests.ui.urls")
@pytest.mark.django_db(transaction=True)
def test_after_an_error_what_was_typed_and_chosen_is_still_there(open_page: Opener) -> None:
    page = open_page()
    page.goto("/envoi/")
    page.get_by_label("Titre").fill("Vaccins")
    page.get_by_label("Vos pages").set_input_files([PHOTO, payload("page.html", samples.PAGE_OF_HTML)])
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("« page.html » : Ce fichier n’est ni un PDF ni une photo")
    expect(page.get_by_label("Titre")).to_have_value("Vaccins")
    page.get_by_role("button", name="Retirer page.html").click()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("Reçu : photo.jpg")


@pytest.mark.urls("tests.ui.urls")
@pytest.mark.django_db(transaction=True)
def test_when_the_line_drops_nothing_is_lost(open_page: Opener) -> None:
    page = open_page(forgive=("Failed to load resource",))
    page.goto("/envoi/")
    page.get_by_label("Titre").fill("Vaccins")
    page.get_by_label("Vos pages").set_input_files([PHOTO])

    def drop(route: Route) -> None:
        route.abort() if route.request.method == "POST" else route.continue_()

    page.route("**/envoi/", drop)
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("alert")).to_contain_text("vos fichiers sont toujours là")
    page.unroute("**/envoi/")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("Reçu : photo.jpg")


@pytest.mark.urls("tests.ui.urls")
@pytest.mark.django_db(transaction=True)
def test_a_picture_heavier_than_what_is_taken_is_made_lighter_on_the_phone(
    open_page: Opener, on_disk: Callable[[str, bytes], Path]
) -> None:
    page = open_page(width=390)
    page.goto("/envoi/")
    page.get_by_label("Titre").fill("Vaccins")
    heavy = on_disk("photo.jpeg", samples.picture((400, 300)) + b"\0" * 11 * 1024 * 1024)
    page.get_by_label("Vos pages").set_input_files([heavy])
    expect(page.get_by_role("listitem").filter(has_text="photo.jpg")).to_be_visible()
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("Reçu : photo.jpg")


@pytest.mark.urls("tests.ui.urls")
@pytest.mark.django_db(transaction=True)
def test_without_javascript_thirty_megabytes_get_their_answer_and_pages_are_taken(
    open_page: Opener, on_disk: Callable[[str, bytes], Path]
) -> None:
    page = open_page(javascript=False, width=390)
    page.goto("/envoi/")
    page.get_by_label("Titre").fill("Vaccins")
    page.get_by_label("Vos pages").set_input_files([on_disk("lourd.pdf", b"%PDF-" + b"0" * 30 * 1024 * 1024)])
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("Ce fichier est trop lourd : 10 Mo au plus")
    expect(page.get_by_label("Titre")).to_have_value("Vaccins")
    page.get_by_label("Vos pages").set_input_files([PHOTO, PAGE])
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("main")).to_contain_text("Reçu : photo.jpg image/jpeg, page.pdf application/pdf")
