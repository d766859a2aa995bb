"""Somebody who gives certificates as Let's Encrypt does: Pebble, its own test server, where there is one."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.request import urlopen

from tests.install.authority import signed

PEBBLE, NAMES = "pebble", "pebble-challtestsrv"
LISTENS, MANAGES, ANSWERS = ("127.0.0.1:14000", "127.0.0.1:15000", "127.0.0.1:8053")


def is_there() -> bool:
    return bool(shutil.which(PEBBLE) and shutil.which(NAMES))


@contextmanager
def giving(root: Path) -> Iterator[None]:
    """`certbot` of the machine in `root` asks it, instead of who is asked on the Internet. It looks at the
    challenge through port 80, each name being of this machine."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        signed(root / "root", "localhost", place / "own.pem", place / "own.key")
        told = {
            "listenAddress": LISTENS,
            "managementListenAddress": MANAGES,
            "certificate": str(place / "own.pem"),
            "privateKey": str(place / "own.key"),
            "httpPort": 80,
            "tlsPort": 443,
            "ocspResponderURL": "",
        }
        (place / "pebble.json").write_text(json.dumps({"pebble": told}))
        own = root / "root/.config/letsencrypt"
        own.mkdir(parents=True)
        (own / "cli.ini").write_text("server = https://localhost:14000/dir\n")
        nothing = [f"-{one}=" for one in ("http01", "https01", "tlsalpn01", "doh", "defaultIPv6")]
        names = [NAMES, f"-dns01={ANSWERS}", "-management=127.0.0.1:8055", "-defaultIPv4=127.0.0.1", *nothing]
        gives = [PEBBLE, "-config", str(place / "pebble.json"), "-dnsserver", ANSWERS]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        at_once = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", "PEBBLE_WFE_NONCEREJECT": "0"}
        with (
            subprocess.Popen(names, **quiet) as naming,
            subprocess.Popen(gives, env=at_once, **quiet) as giver,
        ):
            try:
                _listens(giver)
                yield
            finally:
                giver.terminate()
                naming.terminate()


def believed(root: Path) -> None:
    """Its root, made when it began, is one of those that the machine and who asks it believe."""
    trusted = ssl.create_default_context(cafile=str(root / "root/ca.pem"))
    with urlopen(f"https://localhost:{MANAGES.rpartition(':')[2]}/roots/0", context=trusted) as answer:
        pem = answer.read().decode()
    (root / "usr/local/share/ca-certificates/acme.crt").write_text(pem)
    with (root / "root/ca.pem").open("a") as ours:
        ours.write(pem)


def served(portal: str) -> str:
    """The certificate that is shown at port 443 for this name."""
    asking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    asking.check_hostname, asking.verify_mode = False, ssl.CERT_NONE
    with (
        socket.create_connection(("127.0.0.1", 443), timeout=10) as plain,
        asking.wrap_socket(plain, server_hostname=portal) as shown,
    ):
        return ssl.DER_cert_to_PEM_cert(shown.getpeercert(binary_form=True) or b"")


def _listens(giver: subprocess.Popen[bytes]) -> None:
    host, _, port = LISTENS.partition(":")
    for _ in range(100):
        if giver.poll() is not None:
            break
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("Pebble does not start.")
