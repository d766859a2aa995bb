"""Saves of families while another process makes the month's bills, beside the same when nobody else works."""

from __future__ import annotations

import subprocess  # nosec B404
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import cycle

from django.utils import timezone

from marelle.billing.models import BillingRun
from marelle.billing.runs.services import run_confirm
from marelle.core.kept import revision_once
from marelle.demo.bench import Home, month_to_write, post
from marelle.demo.bench_bills import bursar, run_begun, undone
from marelle.flows.bills.working import runs_advance

SAVES = 120
"""Of those beside which nothing works: six are of the worst twentieth."""


@dataclass(frozen=True, slots=True)
class MeanwhileFigures:
    """Milliseconds that 95 saves of 100 do not pass: alone, while bills are previewed, while they are issued;
    zeros where nothing has a tariff."""

    alone_ms: float = 0
    preview_ms: float = 0
    issue_ms: float = 0


def meanwhile_figures(homes: Sequence[Home], today: date) -> MeanwhileFigures:
    """Twenty cells booked, then given back, by one home after another."""
    saves = _saves(homes, today)
    alone = _until(saves, lambda count: count >= SAVES)
    with undone():
        run = run_begun(today)
        if run is None:
            return MeanwhileFigures()
        preview = _while_worked(saves)
        run_confirm(actor=bursar(run.authority_id), run_id=run.pk, now=timezone.now())
        issue = _while_worked(saves)
    return MeanwhileFigures(*(_worst_twentieth(times) for times in (alone, preview, issue)))


def advance() -> None:
    """What the worker does of bills, until a run waits for somebody; in a process of its own."""
    while BillingRun.objects.working().exists():
        with revision_once():
            runs_advance(now=timezone.now())


def _saves(homes: Sequence[Home], today: date) -> Iterator[float]:
    """Milliseconds of one after another, without end; each with the page that it is made on, which notes that
    it has told what the last one did."""
    rows = []
    for home in homes:
        client = home.client()
        rows.append((client, *month_to_write(client, home, today)))
    for client, url, keys in cycle(rows):
        for change in ({"add": keys}, {"remove": keys}):
            began = time.perf_counter()
            post(client, url, **change)
            yield (time.perf_counter() - began) * 1000


def _until(saves: Iterator[float], over: Callable[[int], bool]) -> list[float]:
    """In pairs: what is booked is given back."""
    found: list[float] = []
    while not over(len(found)):
        found += [next(saves), next(saves)]
    return found


def _while_worked(saves: Iterator[float]) -> list[float]:
    command = [sys.executable, "-m", "marelle", "bench", "--advance"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  # nosec B603
        if process.stdout is not None:
            process.stdout.readline()  # It has started, and begins.
        return _until(saves, lambda _count: process.poll() is not None)


def _worst_twentieth(times: Sequence[float]) -> float:
    return sorted(times)[len(times) * 95 // 100] if times else 0.0
