"""The migrations make the tables that the journal works with, and keep what earlier ones held."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, insert, text

import facility.journal
from facility.commands import Role
from facility.errors import StoreDamaged
from facility.journal import Journal
from facility.journal.documents import ACTOR, DECISION, document_of
from facility.journal.tables import HEAD, metadata
from tests.facility.journal.test_journal import CLERK, PROPOSAL, alarm, decision
from tests.facility.journal.test_journal import command as order

TEXT = {"zh": "在", "en": "on"}
ACTOR_ROW = document_of(ACTOR, CLERK)

ROWS: dict[str, dict[str, Any]] = {
    "decisions": {"id": 7, "equipment": "ac-401", "time_us": 5, "document": document_of(DECISION, decision())},
    "commands": {
        "id": "c1", "equipment": "ac-401", "actor": ACTOR_ROW, "wish": {"on": True, "setpoint_c": 0.0}, "made_us": 1,
        "deadline_us": None, "reason": TEXT, "state": "refused", "why": TEXT, "clause": "AC-05", "read": None,
        "at_us": 0,
    },
    "alarms": {
        "id": 3, "key": "link_down:plant", "level": "warning", "text": TEXT, "equipment": None, "since_us": 4,
        "until_us": None,
    },
    "forecasts": {
        "id": 1, "fetched_us": 2, "document": {
            "provider": "manual", "issued": "2026-07-15T04:00:00Z", "fetched": "2026-07-15T04:00:00Z",
            "daily_max_c": {"2026-07-15": 0.0},
        },
    },
    "states": {"key": "timers", "document": {"ac-401": [0, None]}},
    "events": {"id": 9, "kind": "wall_change", "equipment": None, "at_us": 8, "document": {"n": 0}},
    "tokens": {"digest": "0" * 64, "name": "管理员", "role": "administrator", "office": None, "revoked": False},
    "audits": {"id": 11, "actor": ACTOR_ROW, "action": "command", "document": {}, "at_us": 6},
}  # fmt: skip


@pytest.fixture
def engine(bare_url: str) -> Iterator[Engine]:
    made = create_engine(bare_url)
    yield made
    made.dispose()


def scripts() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(facility.journal.__file__).parent / "migrations"))
    return configuration


def upgraded(engine: Engine, revision: str) -> None:
    configuration = scripts()
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)


def held(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        return {
            name: [dict(row._mapping) for row in connection.execute(table.select())]
            for name, table in tables.tables.items()
        }


def test_an_upgraded_database_has_exactly_the_tables_of_today(bare_url: str, engine: Engine) -> None:
    Journal(bare_url).close()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD


def test_head_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(scripts()).get_heads() == [HEAD]


def test_a_journal_of_the_first_version_keeps_every_row(bare_url: str, engine: Engine) -> None:
    upgraded(engine, "0001")
    first = MetaData()
    first.reflect(engine)
    assert set(first.tables) == {*ROWS, "alembic_version"}
    with engine.begin() as connection:
        for name, row in ROWS.items():
            connection.execute(insert(first.tables[name]).values(row))
    before = held(engine)
    journal = Journal(bare_url)
    after = held(engine)
    assert {name: after[name] for name in ROWS} == {name: before[name] for name in ROWS}
    assert all(len(before[name]) == 1 for name in ROWS)
    assert journal.decisions() == [decision()]
    assert journal.load_state("timers") == {"ac-401": [0, None]}
    assert journal.forecasts()[0].daily_max_c == {datetime(2026, 7, 15, tzinfo=UTC).date(): 0.0}
    assert (len(journal.commands()), len(journal.alarms()), len(journal.events("wall_change"))) == (1, 1, 1)
    assert [found.action for found in journal.audits()] == ["command"]
    assert journal.accounts.revision() == 0
    journal.close()


def test_rows_of_the_first_version_are_followed_by_new_ones(bare_url: str, engine: Engine) -> None:
    upgraded(engine, "0001")
    journal = Journal(bare_url)
    long = "x" * 500
    journal.record_decision(decision(long))
    journal.record_alarm(alarm(0, active=True, key=long))
    journal.record_proposal(PROPOSAL)
    journal.record_command(order(1))
    assert journal.create_token(long, Role.VIEWER)
    assert [found.equipment for found in journal.decisions(long)] == [long]
    assert [found.key for found in journal.alarms()] == [long]
    journal.close()


def test_a_journal_of_a_newer_version_is_left_alone(bare_url: str, engine: Engine) -> None:
    Journal(bare_url).close()
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    before = held(engine)
    with pytest.raises(StoreDamaged, match="newer version"):
        Journal(bare_url)
    assert held(engine) == before


def test_there_is_no_way_back(bare_url: str, engine: Engine) -> None:
    Journal(bare_url).close()
    configuration = scripts()
    with engine.begin() as connection:
        configuration.attributes["connection"] = connection
        with pytest.raises(NotImplementedError, match="restore the backup"):
            command.downgrade(configuration, "0001")
    Journal(bare_url).close()


def test_two_processes_may_open_a_new_journal_at_once(bare_url: str) -> None:
    failures: list[Exception] = []
    together = threading.Barrier(3)

    def work() -> None:
        together.wait()
        try:
            Journal(bare_url).close()
        except Exception as error:  # noqa: BLE001 - told to the test
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
