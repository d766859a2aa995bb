"""A PDF of ours that nobody reads without its password, in any reader. Run as a program by `bundles.py`.

Reads a line with the password, then the PDF; writes it encrypted.
"""

from __future__ import annotations

import sys
from io import BytesIO
from typing import BinaryIO

import pikepdf


def lock(made: bytes, password: str, to: BinaryIO) -> None:
    """By AES-256 (ISO 32000-2, revision 6): also its title and its author."""
    with pikepdf.open(BytesIO(made)) as document:
        document.save(to, encryption=pikepdf.Encryption(owner=password, user=password, R=6))


if __name__ == "__main__":
    word = sys.stdin.buffer.readline().decode().rstrip("\n")
    out = BytesIO()
    lock(sys.stdin.buffer.read(), word, out)
    sys.stdout.buffer.write(out.getvalue())
