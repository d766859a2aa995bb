"""An attribution as the file that is fingerprinted, kept, judged by `verifier.py` and run again."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from marelle.campaigns.drawing import promise_of
from marelle.campaigns.rules import Answer, Asker, Choice, Plan, Right


@dataclass(frozen=True, slots=True)
class Draw:
    """A draw as it is published once it is over. `ranks` by ticket, 0 first."""

    seed: str
    public: str
    ranks: Mapping[str, int]

    def told(self) -> dict[str, Any]:
        return {
            "promise": promise_of(self.seed),
            "seed": self.seed,
            "public": self.public,
            "ranks": dict(sorted(self.ranks.items())),
        }


def written(content: Mapping[str, Any]) -> bytes:
    """The bytes of a file: the same for the same content."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def fingerprint(file: bytes) -> str:
    return sha256(file).hexdigest()


def whole_told(
    draw: Draw, places: Mapping[str, int], askers: Sequence[Asker], answers: Sequence[Answer]
) -> dict[str, Any]:
    """The whole of an attribution, with no name: tickets, rights, wishes, answers."""
    by_ticket = {asker.ticket: asker for asker in askers}
    homes = [_home_told(by_ticket[answer.ticket], answer) for answer in answers]
    return {**draw.told(), "places": dict(places), "homes": homes}


def _home_told(asker: Asker, answer: Answer) -> dict[str, Any]:
    late = asker.right.late
    return {
        "ticket": asker.ticket,
        "tier": asker.right.tier,
        "points": asker.right.points,
        "late": late and late.astimezone(UTC).isoformat(timespec="microseconds"),
        "turn": answer.turn,
        "choices": [
            {
                "most": choice.most,
                "plans": [{"plan": plan.id, "needs": dict(plan.needs)} for plan in choice.plans],
                "given": list(given),
            }
            for choice, given in zip(asker.choices, answer.given, strict=True)
        ],
    }


def whole_read(file: bytes) -> tuple[dict[str, int], tuple[Asker, ...]]:
    """What was asked, to be run again: the places and the askers. Raises ValueError, KeyError and TypeError
    for what is no such file."""
    content = json.loads(file)
    ranks = content["ranks"]
    return content["places"], tuple(_asker_read(home, ranks[home["ticket"]]) for home in content["homes"])


def _asker_read(home: Mapping[str, Any], drawn: int) -> Asker:
    late = datetime.fromisoformat(home["late"]) if home["late"] else None
    choices = tuple(
        Choice(tuple(Plan(plan["plan"], plan["needs"]) for plan in choice["plans"]), choice["most"])
        for choice in home["choices"]
    )
    return Asker(home["ticket"], Right(home["tier"], home["points"], late, drawn), choices)
