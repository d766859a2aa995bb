"""Cleaning in a process of its own, which may burst or be taken over without harm to the portal.

Readers of pictures and PDFs are the part of any site that hostile files aim at. The process knows no secret
(its environment is empty), and has bounds of memory and time.
"""

from __future__ import annotations

import json
import subprocess  # nosec B404
import sys
import threading
from pathlib import Path

from marelle.files.rules import MAX_BYTES, Cleaned, FileRefused, Kind

LONGEST = 40
"""Seconds, waiting for the processor included."""

ROOT = Path(__file__).resolve().parents[2]

_one_at_a_time = threading.Lock()
"""However many send at once, a web process cleans one file: memory stays bounded, others wait a second."""


def cleaned_apart(content: bytes) -> Cleaned:
    """`cleaning.cleaned`, elsewhere. Raises FileRefused."""
    if not content:
        raise FileRefused("empty")
    if len(content) > MAX_BYTES:
        raise FileRefused("too_big", limit=MAX_BYTES)
    with _one_at_a_time:
        answer = _answer(content)
    head, _, rest = answer.partition(b"\n")
    told = json.loads(head)
    if "refused" in told:
        raise FileRefused(told.pop("refused"), **told)
    return Cleaned(rest, Kind(told["kind"]), told["pages"])


def _answer(content: bytes) -> bytes:
    try:
        return subprocess.run(  # nosec B603
            [sys.executable, "-m", "marelle.files.cleaning"],
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env={},
            timeout=LONGEST,
            check=True,
        ).stdout
    except subprocess.SubprocessError as error:
        # It burst its bounds, or its reader fell over: the file is broken for who sent it.
        raise FileRefused("broken") from error
