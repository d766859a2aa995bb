"""Judges a published draw, or the whole of an attribution, from its file. The standard library alone.

    python3 verifier.py tirage.json
    python3 verifier.py < attribution.json

Exit code: 0, nothing to object; 1, faults, one a line; 2, the file cannot be read. It does not compute who
should have what: it holds each answer against what must be true of it.

A draw: {"promise", "seed", "public", "ranks": {ticket: rank, 0 first}}.
An attribution, besides: {"places": {place: how many}, "homes": [{"ticket", "tier", "points", "late" (an
instant or null), "turn", "choices": [{"most" (null: one plan alone), "plans": [{"plan", "needs": {place: how
many}}], "given": [plan]}]}]}.
"""

import json
import sys
from collections.abc import Iterator
from hashlib import sha256
from itertools import pairwise
from typing import Any

File = dict[str, Any]
Faults = Iterator[tuple[str | None, str]]


def draw_faults(draw: File) -> Faults:
    """What is wrong with the draw: (ticket or None, French sentence)."""
    if sha256(draw["seed"].encode()).hexdigest() != draw["promise"]:
        yield None, "la graine n’est pas celle qui avait été promise"
    keys = {}
    for ticket in draw["ranks"]:
        keys[ticket] = sha256((draw["seed"] + ":" + draw["public"] + ":" + ticket).encode()).digest()
    expected = sorted(keys, key=keys.__getitem__)
    for rank, ticket in enumerate(expected):
        if draw["ranks"][ticket] != rank:
            yield ticket, f"rang {draw['ranks'][ticket] + 1}, le tirage donne {rank + 1}"


def order_faults(whole: File) -> Faults:
    """Turns must follow rights: each home against the one before it."""
    homes = sorted(whole["homes"], key=lambda home: home["turn"])
    if [home["turn"] for home in homes] != list(range(len(homes))):
        yield None, "les tours ne se suivent pas"
    if len({home["ticket"] for home in homes}) != len(homes):
        yield None, "un billet a deux tours"
    for home in homes:
        if home["ticket"] not in whole["ranks"]:
            yield home["ticket"], "n’était pas au tirage"
    for before, after in pairwise(homes):
        if not may_precede(before, after, whole["ranks"]):
            yield after["ticket"], "passe après un droit plus faible que le sien"
            yield before["ticket"], "passe avant un droit plus fort que le sien"


def may_precede(one: File, other: File, ranks: dict[str, int]) -> bool:
    for key, first_is_less in (("tier", True), ("points", False)):
        if one[key] != other[key]:
            return bool(one[key] < other[key]) == first_is_less
    if one["late"] != other["late"]:
        return one["late"] is None or (other["late"] is not None and bool(one["late"] < other["late"]))
    return ranks.get(one["ticket"], -1) < ranks.get(other["ticket"], -1)


def place_faults(whole: File) -> Faults:
    """What is left at each turn is counted from the answers alone, and each answer held against it."""
    left = dict(whole["places"])
    for home in sorted(whole["homes"], key=lambda home: home["turn"]):
        for choice in home["choices"]:
            wished = {plan["plan"]: plan["needs"] for plan in choice["plans"]}
            given = choice["given"]
            limit = 1 if choice["most"] is None else choice["most"]
            if len(given) > limit or len(set(given)) != len(given) or not set(given) <= set(wished):
                yield home["ticket"], "a reçu ce qu’il n’avait pas demandé"
                continue
            for name, needs in wished.items():
                lacking = [place for place, many in needs.items() if left.get(place, 0) < many]
                if name in given:
                    if lacking:
                        yield home["ticket"], f"a reçu « {name} » sans place : {', '.join(lacking)}"
                    for place, many in needs.items():
                        left[place] = left.get(place, 0) - many
                    limit -= 1
                elif limit and not lacking:
                    yield home["ticket"], f"n’a pas reçu « {name} », qui était possible"
    for place, many in left.items():
        if many < 0:
            yield None, f"« {place} » : {-many} de trop"


def faults(document: File) -> list[tuple[str | None, str]]:
    found = list(draw_faults(document))
    if "homes" in document:
        found += order_faults(document)
        found += place_faults(document)
    return found


def main() -> int:
    try:
        with open(sys.argv[1], "rb") if len(sys.argv) > 1 else sys.stdin.buffer as source:
            content = source.read()
        found = faults(json.loads(content))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        sys.stderr.write(f"Ce fichier ne se lit pas : {type(error).__name__} : {error}\n")
        return 2
    lines = [f"SHA-256 du fichier : {sha256(content).hexdigest()}"]
    lines += [f"{ticket or '*'} : {sentence}" for ticket, sentence in found]
    lines.append(f"{len(found)} faute(s)." if found else "Rien à redire.")
    sys.stdout.write("\n".join(lines) + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
