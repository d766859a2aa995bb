"""The homes that arrive, as browsers do it, in one process that knows neither Django nor the database.

`python -m marelle.demo.rush.visitors plan.json` writes what each was told and how long it took as JSON. Each
request has a connection of its own; nobody thinks between two pages, which is harder on the server than
people are. Whoever is asked to wait waits for as long as the page says, and asks again.
"""

from __future__ import annotations

import asyncio
import json
import re
import resource
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from random import Random
from typing import Any, Final
from urllib.parse import urlencode

CELL: Final = re.compile(r'<td class="c ([^"]*)"><label><input type=checkbox name=c value="([^"]+)"([^>]*)>')
HIDDEN: Final = re.compile(r'<input type="?hidden"? name="?(\w+)"? value="([^"]*)">')
COOKIE: Final = re.compile(r"^set-cookie: ([^=\s]+)=([^;\r\n]*)", re.IGNORECASE | re.MULTILINE)
LOCATION: Final = re.compile(r"^location: (\S+)", re.IGNORECASE | re.MULTILINE)
AGAIN: Final = re.compile(r"^(?:refresh|retry-after): (\d+)", re.IGNORECASE | re.MULTILINE)

TICKET: Final = "marelle-attente"
"""The cookie of the waiting room, in http."""

WAITING: Final = "wait"
"""What is ticked and only waited for: who was cut off finds some full when it saves again."""

CELLS: Final = 10
TRIES: Final = 6
"""How often a request is sent whose connection is cut."""
PATIENCE: Final = 120.0
"""Seconds that a request may take."""
LONGEST_VISIT: Final = 3_600.0
WHEN_BUSY: Final = 3.0
"""Seconds after which who finds too many at the login tries again, where the page does not say."""


class Failed(Exception):
    """A page did not answer as a parent needs."""


class Cut(Exception):
    """The connection ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    head: str
    body: str
    ms: float


@dataclass(slots=True)
class Told:
    """What all homes met: milliseconds by step, and how often what was not meant to happen did."""

    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failed: Counter[str] = field(default_factory=Counter)
    seen: Counter[str] = field(default_factory=Counter)
    """Connections cut, visitors asked to come back at the login."""


@dataclass(slots=True)
class Visitor:
    """One home: `asked` are the openings that it saved, `booked` those of them that its page then showed."""

    port: int
    home: Mapping[str, Any]
    week: Mapping[str, Any]
    told: Told
    began: float
    cookies: dict[str, str] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)
    acknowledged: bool = False
    numbers: list[int] = field(default_factory=list)
    """Of the tickets that it was given: one, unless it lost it."""
    entered_at: float = 0.0
    waited: float = 0.0
    done_at: float = 0.0

    async def visit(self) -> None:
        if session := self.home["session"]:
            self.cookies[self.home["session_name"]] = session
        else:
            await self._log_in()
        await self._page("dashboard", "/tableau-de-bord/")
        page = await self._page("planning", self._planning)
        self.asked = self._choose(page)
        page = await self._save(page)
        held = {
            int(key.split(".")[1])
            for css, key, more in CELL.findall(page)
            if "checked" in more and WAITING not in css.split()
        }
        self.booked = [opening for opening in self.asked if opening in held]
        self.done_at = time.time() - self.began

    @property
    def _planning(self) -> str:
        return (
            f"/reservations/?enfant={self.home['child']}&date={self.week['day']}&vue=semaine&activite=toutes"
        )

    async def _log_in(self) -> None:
        fields = {"identifier": self.home["identifier"], "password": self.home["password"]}
        page = await self._page("login page", "/connexion/")
        while True:
            answer = await self._ask("log in", "/connexion/", {**_hidden(page), **fields})
            if answer.status == 503:
                self.told.seen["asked to come back at the login"] += 1
                await asyncio.sleep(_again(answer) or WHEN_BUSY)
                continue
            if answer.status not in {302, 303}:
                raise Failed(f"log in answers {answer.status}")
            return

    def _choose(self, page: str) -> list[int]:
        """Ten free cells of those that are scarce, not the same for all who come."""
        wanted = set(self.week["openings"])
        free = [
            int(key.split(".")[1])
            for css, key, more in CELL.findall(page)
            if "checked" not in more and "disabled" not in more and "full" not in css
        ]
        free = [opening for opening in free if opening in wanted]
        Random(self.home["child"]).shuffle(free)
        return free[:CELLS]

    async def _save(self, page: str) -> str:
        """Post the form, and read again. Where the answer is cut, nobody knows: look, and save what lacks."""
        for _try in range(TRIES):
            ticked = {key for _css, key, more in CELL.findall(page) if "checked" in more}
            keys = {f"{self.home['child']}.{opening}" for opening in self.asked}
            fields: dict[str, Any] = {**_hidden(page), "c": sorted(ticked | keys)}
            try:
                answer = await self._ask("save", self._planning, fields, tries=1)
            except Cut:
                page = await self._page("read again", self._planning)
                continue
            if answer.status not in {302, 303}:
                raise Failed(f"save answers {answer.status}")
            self.acknowledged = True
            return await self._page("read again", self._planning)
        raise Failed("save: cut again and again")

    async def _page(self, step: str, path: str) -> str:
        answer = await self._ask(step, path)
        if answer.status != 200:
            raise Failed(f"{step} answers {answer.status}")
        return answer.body

    async def _ask(
        self, step: str, path: str, fields: Mapping[str, Any] | None = None, *, tries: int = TRIES
    ) -> Answer:
        """The answer, once the waiting room lets through."""
        cuts = 0
        while True:
            try:
                answer = await self._sent(path, fields)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                self.told.seen[f"cut: {type(error).__name__}"] += 1
                cuts += 1
                if cuts >= tries:
                    raise Cut(step) from error
                await asyncio.sleep(0.2 * cuts)
                continue
            if not self._waits(answer):
                break
            self.told.steps["ticket"].append(answer.ms)
            self.waited += (seconds := _again(answer) or WHEN_BUSY)
            await asyncio.sleep(seconds)
        self.told.steps[step].append(answer.ms)
        self.entered_at = self.entered_at or time.time() - self.began
        return answer

    def _waits(self, answer: Answer) -> bool:
        return answer.status == 503 and "\r\nrefresh: " in answer.head.lower()

    async def _sent(self, path: str, fields: Mapping[str, Any] | None) -> Answer:
        """A response of the server's own; raises OSError, IncompleteReadError or TimeoutError."""
        body = b"" if fields is None else urlencode(fields, doseq=True).encode()
        lines = [
            f"{'GET' if fields is None else 'POST'} {path} HTTP/1.1",
            f"Host: {self.week['host']}",
            "Connection: close",
            *([f"Cookie: {'; '.join(f'{k}={v}' for k, v in self.cookies.items())}"] if self.cookies else []),
        ]
        if fields is not None:
            lines += [
                "Content-Type: application/x-www-form-urlencoded",
                f"Content-Length: {len(body)}",
                f"Origin: http://{self.week['host']}",
            ]
        began = time.perf_counter()
        async with asyncio.timeout(PATIENCE):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            try:
                writer.write("\r\n".join([*lines, "", ""]).encode() + body)
                whole = await reader.read(-1)
            finally:
                writer.close()
        spent = (time.perf_counter() - began) * 1000
        head, cut, text = whole.partition(b"\r\n\r\n")
        told = head.decode("latin-1")
        length = re.search(r"^content-length: (\d+)", told, re.IGNORECASE | re.MULTILINE)
        if not cut or (length and len(text) != int(length[1])):
            raise ConnectionResetError("the answer is not whole")
        for name, value in COOKIE.findall(told):
            self.cookies[name] = value
            if name == self.week["ticket_name"]:
                self.numbers.append(_number(value))
        return Answer(int(told.split(" ", 2)[1]), told, text.decode(), spent)


def _number(ticket: str) -> int:
    """Of a ticket, as its cookie says it; 0 of none."""
    found = re.match(r"[^.]+\.(\d+)\.", ticket)
    return int(found[1]) if found else 0


def _again(answer: Answer) -> float:
    found = AGAIN.search(answer.head)
    return float(found[1]) if found else 0.0


def _hidden(page: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in HIDDEN.findall(page)}


async def rush(plan: Mapping[str, Any]) -> dict[str, Any]:
    """All homes arrive within the seconds of the plan, always at the same instants."""
    told, began = Told(), time.time()
    random = Random(len(plan["homes"]))
    visitors = [Visitor(plan["port"], home, plan["week"], told, began) for home in plan["homes"]]
    arrivals = [random.uniform(0, plan["within"]) for _one in visitors]
    await asyncio.gather(*(_alone(one, at) for one, at in zip(visitors, arrivals, strict=True)))
    return {
        "steps": told.steps,
        "failed": told.failed,
        "seen": told.seen,
        "homes": [_row(one, at) for one, at in zip(visitors, arrivals, strict=True)],
        "lasted": time.time() - began,
        "cpu": sum(resource.getrusage(resource.RUSAGE_SELF)[:2]),
    }


async def _alone(one: Visitor, at: float) -> None:
    await asyncio.sleep(at)
    try:
        async with asyncio.timeout(LONGEST_VISIT):
            await one.visit()
    except (Failed, Cut, TimeoutError) as error:
        one.told.failed[f"{type(error).__name__}: {error}"] += 1


def _row(one: Visitor, at: float) -> dict[str, Any]:
    return {
        "child": one.home["child"],
        "asked": one.asked,
        "booked": one.booked,
        "acknowledged": one.acknowledged,
        "arrived_at": at,
        "entered_at": one.entered_at,
        "done_at": one.done_at,
        "waited": one.waited,
        "numbers": one.numbers,
    }


def quantile(values: Iterable[float], part: float) -> float:
    """What `part` of the values do not pass; 0 of none."""
    found = sorted(values)
    return found[min(len(found) - 1, int(len(found) * part))] if found else 0.0


def main(path: str) -> None:
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    plan = json.loads(Path(path).read_text())
    json.dump(asyncio.run(rush(plan)), sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
