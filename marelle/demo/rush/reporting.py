"""The figures of a rush, as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

STEPS: Final = ("ticket", "login page", "log in", "dashboard", "planning", "save", "read again")
"""In the order in which a home meets them."""


def report(measured: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Lines, of figures by engine."""
    for engine, found in measured.items():
        yield from _of(engine, found)


def _of(engine: str, found: Mapping[str, Any]) -> Iterator[str]:
    homes, last = found["homes"], found["last_served"]
    yield f"\n{homes:,} homes within {found['within']:.0f} s on {engine}, {found['told']}\n"
    yield "| step | times | p50 | p95 | most |"
    yield "|---|---|---|---|---|"
    for name in STEPS:
        step = found["steps"].get(name)
        if step:
            yield (
                f"| {name} | {step['count']:,} | {step['p50']:.0f} ms | {step['p95']:.0f} ms "
                f"| {step['most']:.0f} ms |"
            )
    yield "\n| | |"
    yield "|---|---|"
    yield f"| served | {found['served']:,} of {homes:,} |"
    yield f"| the last after | {last:.1f} s |"
    yield f"| homes a minute | {found['served'] * 60 / last if last else 0:.0f} |"
    waited = f"p50 {found['waited_p50']:.0f} s, most {found['waited_most']:.0f} s"
    yield f"| waited for a place inside | {waited} |"
    if "ticket" in found["steps"]:
        passed = f"p95 {found['passed_over_p95']}, most {found['passed_over']} homes"
        yield f"| passed over by later numbers | {passed} |"
    yield f"| processor a home, the portal | {_ms(found['server_cpu'], homes)} |"
    if found["database_cpu"]:
        yield f"| — PostgreSQL beside it | {_ms(found['database_cpu'], homes)} |"
    yield f"| — the load, told apart | {_ms(found['load_cpu'], homes)} |"
    yield f"| cells asked for, booked | {found['asked']:,}, {found['booked']:,} |"
    yield f"| overbooked | {found['overbooked']} |"
    yield f"| told wrongly | {found['told_wrongly']} |"
    yield f"| the same place twice | {found['twice']} |"
    yield f"| errors | {sum(found['failed'].values())} |"
    for what, count in {**found["failed"], **found["seen"]}.items():
        yield f"| — {what} | {count} |"


def _ms(seconds: float, homes: int) -> str:
    return f"{seconds * 1000 / homes:.0f} ms"
