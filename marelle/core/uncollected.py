"""Work that makes objects by the ten thousand, of which none goes before its end."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Python looks for no cycle among them meanwhile, which would take a fifth of the time.

    It is so for the whole process: for some seconds at most. Of two at once, what the first to end switches
    on again is on for both.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
