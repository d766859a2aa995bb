"""An authority of certificates of the test's own, which the machine believes."""

from __future__ import annotations

import subprocess
from pathlib import Path


def certificates(root: Path, smtp: str) -> None:
    """For the mail server, and the authority that signs it."""
    place = root / "root"
    _openssl(
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Test",
        "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
        "-keyout", place / "ca.key", "-out", place / "ca.pem",
    )  # fmt: skip
    signed(place, smtp, place / "smtp.pem", place / "smtp.key")
    believed = root / "usr/local/share/ca-certificates/test.crt"
    believed.write_text((place / "ca.pem").read_text())


def portal_certificate(root: Path, portal: str) -> None:
    """Where Let's Encrypt would put it."""
    live = root / "etc/letsencrypt/live" / portal
    live.mkdir(parents=True)
    signed(root / "root", portal, live / "fullchain.pem", live / "privkey.pem")


def signed(place: Path, name: str, certificate: Path, key: Path) -> None:
    """A certificate of the authority whose key is in `place`."""
    asked, names = place / "asked.csr", place / "names"
    # All that Python 3.13 asks for.
    names.write_text(
        f"subjectAltName=DNS:{name}\nkeyUsage=digitalSignature,keyEncipherment\nextendedKeyUsage=serverAuth\n"
        "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
    )
    _openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-keyout", key, "-out", asked)
    _openssl(
        "x509", "-req", "-days", "30", "-in", asked, "-CA", place / "ca.pem", "-CAkey", place / "ca.key",
        "-CAcreateserial", "-extfile", names, "-out", certificate,
    )  # fmt: skip


def _openssl(*words: str | Path) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
