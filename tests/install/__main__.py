"""`make install-test`: docs/installation.md on a bare Debian, word for word, and a family that books there.

Needs root, debootstrap and Chromium, and the registries of Debian and PyPI; where Pebble is too, certificates
come from it as from Let's Encrypt, and are renewed. Says each step as it begins.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from requirements.release import built, run, version
from tests.install import acme
from tests.install.authority import certificates, portal_certificate
from tests.install.booking import a_family_books
from tests.install.pages import INSTALLATION, UPGRADING, Block, blocks_of
from tests.install.requests import Requests
from tests.install.units import Units

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "var" / "install"
PORTAL, ADMIN, SMTP = "portail.exemple.test", "mairie@exemple.test", "smtp.exemple.test:587"
PASSED = ("PIP_INDEX_URL", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
"""What the machine around it needs to reach its registry; whom it believes is believed inside."""
PARTS = "systemd,ca-certificates,adduser"
BELIEVED = Path("/etc/ssl/certs/ca-certificates.crt")

POSTFIX = """
debconf-set-selections <<< 'postfix postfix/main_mailer_type select No configuration'
apt-get install -y -qq postfix >/dev/null
adduser --disabled-password --gecos '' boite >/dev/null
cat > /etc/postfix/main.cf <<END
compatibility_level = 3.6
myhostname = smtp.exemple.test
mydestination = exemple.test
inet_interfaces = loopback-only
inet_protocols = ipv4
local_recipient_maps =
luser_relay = boite@exemple.test
home_mailbox = Maildir/
alias_maps =
smtpd_tls_cert_file = /root/smtp.pem
smtpd_tls_key_file = /root/smtp.key
smtpd_tls_security_level = encrypt
maillog_file = /var/log/postfix.log
END
sed -i 's/^smtp  *inet.*/587 inet n - n - - smtpd/' /etc/postfix/master.cf
grep -q ^postlog /etc/postfix/master.cf ||
    echo 'postlog unix-dgram n - n - 1 postlogd' >> /etc/postfix/master.cf
postfix start
"""
ALONE = """
# The machine that this runs on may have a PostgreSQL at that port: here only the socket is asked.
sed -i "s/^port = .*/port = 5432/; s/^#*listen_addresses = .*/listen_addresses = ''/" \\
    /etc/postgresql/*/main/postgresql.conf
service postgresql restart
"""
ELSEWHERE = """
su postgres -c "createdb --owner marelle --encoding UTF8 --template template0 elsewhere"
install -d -o marelle -g marelle -m 0750 /var/lib/elsewhere
cat > /root/elsewhere <<'END'
set -a; . /etc/marelle/marelle.env; DATABASE_URL=postgres:///elsewhere DATA_DIR=/var/lib/elsewhere; set +a
cd /var/lib/elsewhere
exec runuser -u marelle -- /opt/marelle/current/bin/marelle "$@"
END
systemctl start marelle-backup.service
sh /root/elsewhere restore /var/backups/marelle
sh /root/elsewhere verify
echo "select child_id, day, state from bookings_booking order by id" > /tmp/booked.sql
for base in marelle elsewhere; do
    su postgres -c "psql -d $base -qAt -f /tmp/booked.sql" > /root/booked-$base
done
test -s /root/booked-marelle
diff /root/booked-marelle /root/booked-elsewhere
"""


def say(text: str) -> None:
    print(f"\n=== {time.strftime('%H:%M:%S')} {text}", flush=True)


class Machine:
    """A Debian in a folder, whose network is that of the machine around it."""

    def __init__(self, root: Path, first: str) -> None:
        self.root, self.first = root, first
        self.exported: list[str] = []
        self.lasting = ExitStack()

    def runs(self, text: str) -> None:
        """A block, as root, after what earlier ones have exported; raises CalledProcessError."""
        own = {name: os.environ[name] for name in PASSED if name in os.environ}
        own["PIP_CERT"] = str(BELIEVED)
        environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
        }
        environment |= {"DEBIAN_FRONTEND": "noninteractive", "LANG": "C.UTF-8", **own}
        script = "\n".join(["set -euo pipefail", *self.exported, text])
        (self.root / "root/block").write_text(script)
        subprocess.run(["chroot", self.root, "/bin/bash", "/root/block"], env=environment, check=True)
        self.exported += re.findall(r"^export .*$", text, re.MULTILINE)

    def follows(self, block: Block) -> None:
        say(f"{block.heading or block.text.split()[0]}: {block.text.strip().splitlines()[0][:70]}")
        self.runs(block.text)


def bare(suite: str) -> Path:
    """An archive of a Debian of nothing else, made once and kept."""
    archive = KEPT / f"{suite}.tar"
    if not archive.exists():
        say(f"debootstrap {suite}")
        KEPT.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as scratch:
            subprocess.run(
                ["debootstrap", "--variant=minbase", f"--include={PARTS}", suite, scratch],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            subprocess.run(["tar", "-C", scratch, "-cf", f"{archive}.part", "."], check=True)
        Path(f"{archive}.part").rename(archive)
    return archive


@contextmanager
def machine(suite: str, first: str) -> Iterator[Machine]:
    with TemporaryDirectory(prefix="marelle-install-", ignore_cleanup_errors=True) as folder:
        root = Path(folder)
        subprocess.run(["tar", "-C", root, "-xf", bare(suite)], check=True)
        root.chmod(0o755)
        subprocess.run(["mount", "-t", "proc", "proc", root / "proc"], check=True)
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        if BELIEVED.exists():
            shutil.copy(BELIEVED, root / "usr/local/share/ca-certificates/around.crt")
        (root / "etc/hosts").write_text(f"127.0.0.1 localhost {PORTAL} {SMTP.split(':', maxsplit=1)[0]}\n")
        said = KEPT / "said"
        shutil.rmtree(said, ignore_errors=True)
        said.mkdir(parents=True)
        units = Units(root, said)
        try:
            units.serve()
            on = Machine(root, first)
            with on.lasting:
                yield on
        finally:
            units.end()
            subprocess.run(["umount", "--lazy", root / "proc"], check=False)


def released(folder: Path) -> tuple[str, str]:
    """This version, and one that would follow it: their wheels and their locked libraries, in `folder`."""
    this = version()
    following = f"{this}.post1"
    with TemporaryDirectory() as scratch:
        source = Path(scratch) / "source"
        run("git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", str(source))
        for number in (this, following):
            init = source / "marelle/__init__.py"
            init.write_text(re.sub(r'__version__ = ".+"', f'__version__ = "{number}"', init.read_text()))
            wheel, _archive = built(Path(scratch) / number, source)
            shutil.copy(wheel, folder)
            shutil.copy(ROOT / "requirements/base.txt", folder / f"marelle-{number}-requirements.txt")
    return this, following


def named(block: Block, number: str) -> str:
    """The first block of a page, with names of our own."""
    text = block.text
    given = {"PORTAL": PORTAL, "ADMIN": ADMIN, "SMTP": SMTP, "VERSION": number, "FILES": "/root"}
    for name, value in given.items():
        text = re.sub(rf"\b{name}=\S+", f"{name}={value}", text)
    return text


def installed(on: Machine, first: str) -> None:
    opening, *rest = blocks_of(INSTALLATION)
    on.runs(named(opening, first))
    for block in rest:
        if block.needs == "network":
            certified(on, block)
            continue
        on.follows(block)
        if block.heading == "Packages":
            on.runs(ALONE)
            certificates(on.root, SMTP.split(":", maxsplit=1)[0])
            on.runs("update-ca-certificates >/dev/null")
            say("somebody's mail server")
            on.runs(POSTFIX)
    say("units")
    on.runs("systemd-analyze verify /etc/systemd/system/marelle-*")


def certified(on: Machine, block: Block) -> None:
    """By Pebble, where this machine has it, else by the test's own authority."""
    if acme.is_there():
        on.lasting.enter_context(acme.giving(on.root))
        on.runs("service nginx restart")  # systemd starts it when it is installed
        on.follows(block)
        acme.believed(on.root)
        on.runs("update-ca-certificates >/dev/null; test -s /lib/systemd/system/certbot.timer")
    else:
        say(f"{block.heading}: left out, NO PEBBLE here to ask instead of Let's Encrypt")
        portal_certificate(on.root, PORTAL)


def renewed(on: Machine) -> None:
    """As `certbot.timer` does it, under requests: nginx shows another certificate, and none is lost."""
    before = acme.served(PORTAL)
    with Requests(on.root, PORTAL) as asked:
        on.runs("certbot renew --force-renewal --quiet --no-random-sleep-on-renew")
        for _ in range(50):
            if (shown := acme.served(PORTAL)) != before:
                break
            time.sleep(0.2)
    asked.tell()
    if shown == before:
        raise SystemExit("nginx shows the certificate of before.")


def main(suite: str) -> None:
    with TemporaryDirectory() as scratch:
        say("two versions")
        first, second = released(Path(scratch))
        with machine(suite, first) as on:
            for file in Path(scratch).iterdir():
                shutil.copy(file, on.root / "root")
            installed(on, first)
            say("a family books")
            a_family_books(on.root, PORTAL, ADMIN)
            if acme.is_there():
                say("its certificate renewed, under requests")
                renewed(on)
            say("restarted under requests")
            with Requests(on.root, PORTAL) as asked:
                on.runs("systemctl restart marelle-web.service")
            asked.tell()
            say("a later version, under requests")
            opening, later, back = blocks_of(UPGRADING)
            on.runs(named(opening, second))
            with Requests(on.root, PORTAL) as asked:
                on.follows(later)
            asked.tell()
            on.runs(f'test "$(marelle version)" = {second}')
            say("and back")
            with Requests(on.root, PORTAL) as asked:
                on.follows(back)
            asked.tell()
            on.runs(f'test "$(marelle version)" = {first}')
            say("a backup put back elsewhere")
            on.runs(ELSEWHERE)
            say("what was left in the log of nginx")
            log = (on.root / "var/log/nginx/marelle.access.log").read_text()
            if not log or "/" in log:
                raise SystemExit("The log of nginx is empty, or holds addresses.")
    say(f"{suite}: all of it")


if __name__ == "__main__":
    # What the machine has started ends with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    for named_suite in sys.argv[1:] or ["bookworm", "trixie"]:
        main(named_suite)
