"""The published draw: secret until the number is known, then all that anybody needs to do it again."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client

from marelle.campaigns.models import Campaign, Wish
from marelle.campaigns.running import campaign_simulate
from tests.campaigns.world import FIRST, NUMBER, OVER, Summer

pytestmark = pytest.mark.django_db


def test_before_the_number_only_the_promise_is_there():
    world = Summer()
    url = f"/tirages/{world.campaign.pk}/"
    assert Client().get(url).status_code == 404
    world.announced()
    world.wishes(world.family("Roy"), FIRST)
    page = Client().get(url).content.decode()
    campaign = Campaign.objects.get()
    assert campaign.promise in page
    assert campaign.seed not in page
    assert Wish.objects.get().ticket not in page
    assert Client().get(f"{url}tirage.json").status_code == 404


def test_then_anybody_does_it_again_with_the_program_and_no_name(tmp_path: Path):
    world = Summer()
    world.announced()
    for name in ("Roy", "Blanc", "Noir"):
        world.wishes(world.family(name), FIRST)
    world.drawn()
    url = f"/tirages/{world.campaign.pk}/"
    page = Client().get(url).content.decode()
    assert hashlib.sha256(world.campaign.seed.encode()).hexdigest() == world.campaign.promise
    assert world.campaign.seed in page
    shown = re.findall(r"Rang\s: </span>(\d+)</td><td>.*?([\d-]{19})</td>", page)
    keys = {
        ticket: hashlib.sha256(f"{world.campaign.seed}:{NUMBER}:{ticket}".encode()).hexdigest()
        for _rank, ticket in shown
    }
    assert [ticket for _rank, ticket in shown] == sorted(keys, key=keys.__getitem__)
    assert [rank for rank, _ticket in shown] == ["1", "2", "3"]
    file, program = tmp_path / "tirage.json", tmp_path / "verificateur.py"
    file.write_bytes(Client().get(f"{url}tirage.json").content)
    program.write_bytes(Client().get("/tirages/verificateur.py").content)
    done = subprocess.run(
        [sys.executable, "-I", str(program), str(file)], capture_output=True, check=False, timeout=30
    )
    assert (done.returncode, "Rien à redire" in done.stdout.decode()) == (0, True)
    for name in ("Roy", "Blanc", "Noir", "Zoé"):
        assert name not in page
        assert name not in file.read_text()


def test_a_home_that_is_erased_later_takes_no_rank_with_it():
    world = Summer()
    world.announced()
    for name in ("Roy", "Blanc", "Noir"):
        world.wishes(world.family(name), FIRST)
    world.drawn()
    campaign_simulate(actor=world.director, campaign_id=world.campaign.pk, now=OVER)
    url = f"/tirages/{world.campaign.pk}/"
    pages = [Client().get(url).content, Client().get(f"{url}tirage.json").content]
    Wish.objects.order_by("turn")[0].delete()
    assert [Client().get(url).content, Client().get(f"{url}tirage.json").content] == pages
