"""The harness itself: each guard of the browser tests is seen to bite."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.template import engines
from django.test import override_settings
from django.urls import path

from marelle.core import kept
from tests.run import meanwhile
from tests.sources import MARELLE, holding

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


SHOW = """html => {
    const shown = new DOMParser().parseFromString(html, "text/html");
    document.documentElement.replaceChildren(...shown.documentElement.childNodes);
    document.documentElement.lang = "fr";
}"""
# Of each fault: axe's name of it, a page without, the same with it, and what a script does to that one.
FAULTS = (
    ("link-name", '<a href="/icone">Ici</a>', '<a href="/icone"></a>'),
    ("link-name", '<a href="/icone"><span>Ici</span></a>', '<a href="/icone"><span></span></a>'),
    ("label", '<label for="a">Nom</label><input id="a">', '<label for="b">Nom</label><input id="a">'),
    ("label", '<input aria-label="Nom">', '<input aria-label="">'),
    ("image-alt", '<img src="/icone" alt="Un">', '<img src="/icone">'),
    ("button-name", "<button>Oui</button>", '<button><svg aria-hidden="true"></svg></button>'),
    ("list", "<ul><li>Un</li></ul>", "<ul><li>Un</li><div>Deux</div></ul>"),
    ("listitem", "<ul><li>Un</li></ul>", "<div><li>Un</li></div>"),
    ("nested-interactive", "<button>Oui</button>", '<button>Oui <a href="/icone">i</a></button>'),
    ("aria-hidden-focus", '<p aria-hidden="true">Un</p>', '<p aria-hidden="true">Un <input></p>'),
    ("aria-valid-attr-value", '<p aria-hidden="true">Un</p>', '<p aria-hidden="peut-être">Un</p>'),
    ("aria-required-attr", '<p role="status">Un</p>', '<p role="checkbox">Un</p>'),
    ("color-contrast", "<p>Un</p>", "<p>Un</p>", "document.querySelector('p').style.color = '#ddd'"),
    ("color-contrast", "<p>Un</p>", "<p>Un</p>", "document.body.style.background = '#111'"),
    ("color-contrast", "<p>Un</p>", "<p>Un</p>", "document.querySelector('main').style.opacity = '.3'"),
    ("region", "<p>Un</p>", "<p>Un</p>", "document.body.append(document.querySelector('p'))"),
    (
        "scrollable-region-focusable",
        "<pre>Un</pre>",
        "<pre>Un</pre>",
        "document.querySelector('pre').style = 'height: 1px; overflow: auto'",
    ),
    ("heading-order", "<h2>Un</h2><h3>Deux</h3>", "<h3>Deux</h3>"),
    ("page-has-heading-one", "<p>Un</p>", "<p>Un</p>", "document.querySelector('h1').remove()"),
    ("landmark-one-main", "<p>Un</p>", "<p>Un</p>", "document.querySelector('main').replaceWith('Un')"),
    ("landmark-unique", '<nav aria-label="Ici"></nav><nav aria-label="Là"></nav>', "<nav></nav><nav></nav>"),
    ("document-title", "<p>Un</p>", "<p>Un</p>", "document.title = ''"),
    ("html-has-lang", "<p>Un</p>", "<p>Un</p>", "document.documentElement.lang = ''"),
)


@ours
def test_axe_looks_again_at_what_is_not_as_in_a_page_without_fault(open_page, axe):
    page = open_page()
    page.goto("/bonne/")

    def shown(body: str, then: Sequence[str] = ()) -> set[str]:
        page.evaluate(SHOW, PAGE.format(body))
        for script in then:
            page.evaluate(script)
        return {problem.partition(":")[0] for problem in axe(page)}

    for rule, right, wrong, *then in FAULTS:
        assert shown(right) == set(), right
        assert rule in shown(wrong, then), wrong


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


@pytest.mark.usefixtures("count_queries")
def test_all_that_is_kept_is_known_before_statements_are_counted():
    """In a process that has loaded little too: its first mail would read within the block."""
    written = {path.relative_to(MARELLE.parent).with_suffix("") for path, _tree in holding("@Kept")}
    assert {".".join(path.parts) for path in written} == {one.read.__module__ for one in kept.ALL}


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
