"""What of docs/installation.md holds without a machine to install: `make install-test` follows all of it."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from marelle.definitions.tree import definitions_read
from tests.install.pages import DOCS, INSTALLATION, UPGRADING, blocks_of, files_written

WRITTEN = files_written(INSTALLATION)
UNITS = {path: text for path, text in WRITTEN.items() if path.startswith("/etc/systemd/system/")}


@pytest.mark.parametrize("page", [INSTALLATION, UPGRADING], ids=lambda page: page.stem)
def test_each_block_is_a_script(page):
    blocks = blocks_of(page)
    assert len(blocks) > 2
    for block in blocks:
        read = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, check=False)
        assert (read.returncode, read.stderr) == (0, ""), block.heading


def test_the_authority_of_the_page_reads_well():
    text = WRITTEN["/etc/marelle/marelle.yaml"].replace("$((AUTUMN + 1))", "2027").replace("$AUTUMN", "2026")
    read = definitions_read(text.replace("$ADMIN", "mairie@exemple.test"))
    assert len(read.entries) > 8


def test_each_variable_of_the_page_is_a_setting():
    names = set(re.findall(r"^([A-Z_]+)=", WRITTEN["/etc/marelle/marelle.env"], re.MULTILINE))
    told = set(re.findall(r"`([A-Z_]+)`", (DOCS / "settings.md").read_text()))
    assert len(names) > 6
    assert names <= told


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here to look at its units")
def test_units_are_what_systemd_takes(tmp_path):
    # Verified where the portal is not: all but whether its command is there.
    for path, text in UNITS.items():
        name = path.rsplit("/", 1)[1]
        (tmp_path / name).write_text(re.sub(r"^(ExecStart)=\S+", r"\1=/bin/true", text, flags=re.MULTILINE))
    seen = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *sorted(map(str, tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in seen.stderr.splitlines() if "marelle" in line]
    assert (len(UNITS), ours) == (7, [])


def test_what_is_upgraded_is_made_as_it_was_installed():
    installed, upgraded = (
        {line for block in blocks_of(page) for line in block.text.splitlines() if "/bin/pip " in line}
        for page in (INSTALLATION, UPGRADING)
    )
    assert installed == upgraded != set()


def test_containers_are_made_of_the_same_wheel():
    root = DOCS.parent
    services = re.findall(r"^  (\w+):$", (root / "compose.yaml").read_text(), re.MULTILINE)
    assert "--require-hashes" in (root / "Containerfile").read_text()
    assert {"database", "ready", "web", "worker", "backup"} <= set(services)
