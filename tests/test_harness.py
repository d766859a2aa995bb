"""The harness itself: each guard of the browser tests is seen to bite."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import path

from tests.run import meanwhile

PAGE = (
    '<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title>'
    '<link rel="icon" href="/icone"></head><body><main><h1>Essai</h1>{}</main></body></html>'
)


def shows(body: str):
    @login_not_required
    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse(PAGE.format(body))

    return view


@login_not_required
def slow(request: HttpRequest) -> StreamingHttpResponse:
    def parts() -> Iterator[str]:
        head, rest = PAGE.format("<ul><li>Un</li><li>Deux</li></ul>").split("<ul>")
        yield head
        time.sleep(0.3)
        yield f"<ul>{rest}"

    return StreamingHttpResponse(parts())


urlpatterns = [
    path("lente/", slow),
    path("vers-la-lente/", shows('<p><a href="/lente/">Lente</a></p>')),
    path("bonne/", shows("<p>Bonjour</p>")),
    path("image-sans-texte/", shows('<img src="/icone">')),
    path("style-en-ligne/", shows('<p style="color: red">Bonjour</p>')),
    path("autre-hote/", shows('<img alt="" src="http://127.0.0.2:9/image.png">')),
    path("icone", shows("")),
]
ours = pytest.mark.usefixtures("_our_urls")


@pytest.fixture
def _our_urls():
    with override_settings(ROOT_URLCONF=__name__):
        yield


@ours
def test_a_good_page_passes(open_page, axe):
    page = open_page(width=320)
    page.goto("/bonne/")
    assert page.evaluate("innerWidth") == 320
    assert axe(page) == []


@ours
def test_axe_speaks_under_the_csp(open_page, axe):
    page = open_page()
    page.goto("/image-sans-texte/")
    assert any(problem.startswith("image-alt") for problem in axe(page))


@ours
@pytest.mark.parametrize(
    ("address", "problem"), [("style-en-ligne", "style"), ("autre-hote", "http://127.0.0.2:9")]
)
def test_what_the_csp_forbids_is_a_problem(open_page, address, problem):
    page = open_page(forgive=("Content Security Policy", "127.0.0.2"))
    page.goto(f"/{address}/")
    problems = " ".join(open_page.watched[-1].problems)
    assert "Content Security Policy" in problems
    assert problem in problems


@ours
def test_what_a_click_leads_to_is_whole(open_page):
    page = open_page()
    page.goto("/vers-la-lente/")
    page.get_by_role("link", name="Lente").click()
    assert page.locator("li").count() == 2


@pytest.mark.django_db
def test_statements_of_transactions_are_not_counted(count_queries):
    with count_queries() as seen, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.execute("SAVEPOINT essai")
        cursor.execute("RELEASE SAVEPOINT essai")
    assert seen == ["SELECT 1"]
    with pytest.raises(pytest.fail.Exception, match="1 statements, 0 allowed"), count_queries(0):
        connection.cursor().execute("SELECT 1")


def test_an_undefined_template_variable_fails():
    with pytest.raises(pytest.fail.Exception, match="nobody"):
        engines["django"].from_string("{{ nobody }}").render({})


@pytest.mark.django_db
def test_no_browser_opens_where_none_is_asked_for(request: pytest.FixtureRequest) -> None:
    """On PostgreSQL, and in `make quick`: for an hour, a mark put too late had them all run twice."""
    if "not browser" in request.config.getoption("markexpr"):
        assert not [item for item in request.session.items if item.get_closest_marker("browser")]


def test_what_runs_beside_is_told_after_and_its_failure_counts(capfd: pytest.CaptureFixture[str]) -> None:
    script = "import os, sys; print(os.environ.get('TEST_DATABASE_URL')); sys.exit(3)"
    with meanwhile("Beside", "postgres://here", [sys.executable, "-c", script]) as other:
        sys.stdout.write("First\n")
    assert other.returncode == 3
    assert capfd.readouterr().out == "First\n\n=== Beside\npostgres://here\n"
