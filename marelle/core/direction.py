"""Signs that turn the direction of writing: nobody types them, and a name that holds one reads as another.

"Durand" after a right-to-left override is shown as "dnaruD", with all that follows it on the line. The marks
of Arabic and Hebrew, which turn nothing, are left to who writes in them.

Nothing of Django is needed to find them: who reads a table in a process of its own does without.
"""

from __future__ import annotations

import re
from typing import Final

TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9)."""
