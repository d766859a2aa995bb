"""How the database is reached: its address, what goes with it, and what cannot go together."""

from __future__ import annotations

import pytest

from marelle.core.database import database_read, statement_timeout
from marelle.core.environment import Environment, WrongSetting

HERE = "postgres://u:secret@h/m"


def read(url: str = HERE, **values: str):
    return database_read(Environment({"DATABASE_URL": url, **values}), "sqlite:////srv/marelle.sqlite3")


def test_sqlite_locks_at_the_start_of_a_transaction():
    config = read("")
    assert config["NAME"] == "/srv/marelle.sqlite3"
    assert config["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert "journal_mode=WAL" in config["OPTIONS"]["init_command"]
    assert read("sqlite:///var/m.sqlite3")["NAME"] == "var/m.sqlite3"


def test_a_thread_keeps_its_sqlite_whose_schema_is_long_to_read():
    assert read("")["CONN_MAX_AGE"] == 600


def test_postgresql_compiles_no_query_unless_it_is_told_to():
    assert read()["OPTIONS"]["options"] == "-c jit=off"
    assert read(f"{HERE}?options=-c%20jit%3Don")["OPTIONS"]["options"] == "-c jit=off -c jit=on"


def test_postgresql_plans_once_unless_a_pooler_stands_in_between():
    assert read()["OPTIONS"].items() >= {("server_side_binding", True), ("prepare_threshold", 1)}
    assert "prepare_threshold" not in read(DATABASE_PREPARED="0")["OPTIONS"]
    pooled = read(DATABASE_POOLER="1")
    assert pooled["OPTIONS"] == {}
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_a_pooler_that_keeps_prepared_statements_is_given_them():
    pooled = read(DATABASE_POOLER="1", DATABASE_PREPARED="1")
    assert pooled["OPTIONS"] == {"server_side_binding": True, "prepare_threshold": 1}
    assert pooled["DISABLE_SERVER_SIDE_CURSORS"] is True


def test_postgresql_keeps_its_connections_for_as_long_as_it_is_told():
    config = read("postgres://u:p%40ss@db:5433/marelle")
    assert (config["NAME"], config["PASSWORD"], config["PORT"]) == ("marelle", "p@ss", 5433)
    assert (config["CONN_MAX_AGE"], config["CONN_HEALTH_CHECKS"]) == (3_600, True)
    assert read(DATABASE_CONN_MAX_AGE="0")["CONN_MAX_AGE"] == 0


def test_a_pool_is_what_keeps_them_where_there_is_one():
    config = read(DATABASE_POOL="12")
    assert config["OPTIONS"]["pool"]["max_size"] == 12
    assert config["CONN_MAX_AGE"] == 0


def test_how_it_is_encrypted_stands_in_the_address_or_beside_it():
    assert read(DATABASE_SSLMODE="verify-full")["OPTIONS"]["sslmode"] == "verify-full"
    both = read(f"{HERE}?sslmode=require", DATABASE_SSLMODE="require")
    assert both["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("DATABASE_SSLMODE", {"url": f"{HERE}?sslmode=disable", "DATABASE_SSLMODE": "require"}),
        ("DATABASE_SSLMODE", {"DATABASE_SSLMODE": "yes"}),
        ("DATABASE_POOL", {"DATABASE_POOL": "4", "DATABASE_POOLER": "1"}),
        ("DATABASE_CONN_MAX_AGE", {"DATABASE_POOL": "4", "DATABASE_CONN_MAX_AGE": "60"}),
        ("DATABASE_CONN_MAX_AGE", {"DATABASE_CONN_MAX_AGE": "-1"}),
        ("DATABASE_POOLER", {"url": "", "DATABASE_POOLER": "1"}),
        ("DATABASE_SSLMODE", {"url": "sqlite:///a", "DATABASE_SSLMODE": "require"}),
        ("DATABASE_STATEMENT_TIMEOUT", {"url": "", "DATABASE_STATEMENT_TIMEOUT": "5"}),
    ],
)
def test_what_cannot_go_together_is_refused_by_its_name(name, values):
    with pytest.raises(WrongSetting, match=f"{name} ") as refused:
        read(**values)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "value",
    ["mysql://u:secret@h/m", "postgres://u:secret@h", "postgres://u:secret@h:x/m", "sqlite://", "secret"],
)
def test_a_wrong_database_is_refused_without_showing_its_password(value):
    with pytest.raises(WrongSetting, match="DATABASE_URL") as refused:
        read(value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("other", ["DATABASE_POOLER", "EMBEDDED_WORKER"])
def test_a_statement_is_stopped_of_pages_alone(other):
    told = {"DATABASE_STATEMENT_TIMEOUT": "20"}
    assert statement_timeout(Environment(told)) == 20
    with pytest.raises(WrongSetting, match=other):
        statement_timeout(Environment(told | {other: "1"}))
