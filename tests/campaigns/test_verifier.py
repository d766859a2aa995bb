"""The verifier: another program, that agrees with serial choice and finds what is planted in its answers."""

from __future__ import annotations

import ast
import copy
import json
import subprocess
import sys
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from marelle.campaigns import verifier
from marelle.campaigns.document import Draw, fingerprint, whole_read, whole_told, written
from marelle.campaigns.drawing import promise_of, ranks_drawn, seed_new, ticket_new
from marelle.campaigns.rules import Asker, Choice, allot
from tests.campaigns.worlds import plan, right, world

pytestmark = pytest.mark.once

PROGRAM = Path(verifier.__file__)
SEED, PUBLIC = "5eed", "4 8 15 16 23 42"


def document(places: dict[str, int], askers: tuple[Asker, ...]) -> dict[str, Any]:
    ranks = ranks_drawn(seed=SEED, public=PUBLIC, tickets=[one.ticket for one in askers])
    held = [
        Asker(
            one.ticket,
            type(one.right)(one.right.tier, one.right.points, one.right.late, ranks[one.ticket]),
            one.choices,
        )
        for one in askers
    ]
    return whole_told(Draw(SEED, PUBLIC, ranks), places, held, allot(places, held).answers)


def run(file: bytes) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", str(PROGRAM)], input=file, capture_output=True, check=False, timeout=30
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


def test_it_objects_to_no_answer_of_serial_choice_which_its_file_gives_again() -> None:
    for seed in range(2_000):
        content = document(*world(seed))
        assert verifier.faults(content) == [], seed
        again = written(content)
        assert written(document(*whole_read(again))) == again


WORLD = (
    {"a": 2, "b": 1, "c": 1},
    (
        Asker("1111", right(tier=0), (Choice((plan("a"), plan("b"))),)),
        Asker("2222", right(tier=1, points=3), (Choice((plan("b"), plan("a"))), Choice((plan("c"),)))),
        Asker("3333", right(tier=1, points=1), (Choice((plan("c"), plan("a", "b"), plan("a")), 2),)),
        Asker("4444", right(tier=1, points=1, late=5), (Choice((plan("a"), plan("c"))),)),
    ),
)


def home(content: dict[str, Any], ticket: str) -> dict[str, Any]:
    return next(one for one in content["homes"] if one["ticket"] == ticket)


def swapped(content: dict[str, Any], one: str, other: str) -> None:
    first, second = home(content, one), home(content, other)
    first["turn"], second["turn"] = second["turn"], first["turn"]


def given_to(ticket: str, *plans: str, choice: int = 0) -> Callable[[dict[str, Any]], None]:
    def change(content: dict[str, Any]) -> None:
        home(content, ticket)["choices"][choice]["given"] = list(plans)

    return change


def promise_changed(content: dict[str, Any]) -> None:
    content["promise"] = sha256(b"another").hexdigest()


def public_changed(content: dict[str, Any]) -> None:
    content["public"] = "1 2 3"


def unknown_ticket(content: dict[str, Any]) -> None:
    home(content, "4444")["ticket"] = "5555"


def a_turn_twice(content: dict[str, Any]) -> None:
    home(content, "4444")["turn"] = 2


def one_home_twice(content: dict[str, Any]) -> None:
    content["homes"].append({**copy.deepcopy(home(content, "4444")), "turn": 4})


def fewer_places(content: dict[str, Any]) -> None:
    content["places"]["a"] = 1


PLANTED = {
    "another promise": (promise_changed, "*"),
    "another public number": (public_changed, "1111"),
    "a lower tier first": (lambda content: swapped(content, "1111", "2222"), "1111"),
    "fewer points first": (lambda content: swapped(content, "2222", "3333"), "2222"),
    "who came late first": (lambda content: swapped(content, "3333", "4444"), "3333"),
    "a worse plan though the better fits": (given_to("1111", "b"), "1111"),
    "nothing though something fits": (given_to("1111"), "1111"),
    "a place that is gone": (given_to("4444", "c"), "4444"),
    "what was not asked for": (given_to("1111", "c"), "1111"),
    "two plans of a choice of one": (given_to("1111", "a", "b"), "1111"),
    "one plan twice": (given_to("3333", "a", "a"), "3333"),
    "a ticket that was not drawn": (unknown_ticket, "5555"),
    "two homes at one turn": (a_turn_twice, "*"),
    "a home served twice": (one_home_twice, "*"),
    "more places given than there are": (fewer_places, "3333"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_it_finds_what_is_planted_and_names_the_home(name: str) -> None:
    content = document(*WORLD)
    assert verifier.faults(content) == []
    change, named = PLANTED[name]
    change(content)
    assert named in {ticket or "*" for ticket, _sentence in verifier.faults(content)}


def test_as_a_program_it_answers_by_its_code_and_tells_the_fingerprint() -> None:
    file = written(document(*WORLD))
    code, said = run(file)
    assert (code, "Rien à redire." in said, fingerprint(file) in said) == (0, True, True)
    content = json.loads(file)
    given_to("4444", "c")(content)
    code, said = run(written(content))
    assert code == 1
    assert "4444 : a reçu « c » sans place : c" in said
    code, said = run(b"[1, 2")
    assert code == 2
    assert "ne se lit pas" in said


def test_it_shares_no_line_with_what_it_judges() -> None:
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(PROGRAM.read_text()))
        for alias in getattr(node, "names", ())
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert imported == {"json", "sys", "sha256", "pairwise", "Iterator", "Any"}


def test_a_draw_alone_is_judged_and_is_what_a_command_of_any_computer_computes() -> None:
    seed = seed_new()
    tickets = [ticket_new() for _ in range(50)]
    draw = Draw(seed, PUBLIC, ranks_drawn(seed=seed, public=PUBLIC, tickets=tickets))
    assert verifier.faults(draw.told()) == []
    first = min(
        tickets,
        key=lambda one: (
            subprocess.run(
                ["sha256sum"], input=f"{seed}:{PUBLIC}:{one}".encode(), capture_output=True, check=True
            ).stdout
        ),
    )
    assert draw.ranks[first] == 0
    assert promise_of(seed) == sha256(seed.encode()).hexdigest()
    assert len(seed) == 64
    assert len(set(tickets)) == 50
