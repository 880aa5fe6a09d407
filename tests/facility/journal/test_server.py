"""A journal on a PostgreSQL server: what is wrong with an address, servers that go and come back, locks that last."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from facility.bus.in_process import InProcessBus
from facility.bus.messages import DecisionMade
from facility.errors import StoreRefused, StoreUnavailable
from facility.journal import Journal, JournalRecorder
from facility.journal.engine import address_of
from tests.facility.journal.postgresql import PASSWORD, PostgreSQL
from tests.facility.journal.test_journal import NOON, alarm, decision, later
from tests.facility.journal.test_recorder import end, until
from tests.servers import free_port

pytestmark = pytest.mark.server

WRITING = f"SELECT pg_advisory_lock({int.from_bytes(b'houqin')})"


@pytest.fixture
def address(server: PostgreSQL) -> str:
    return server.url(server.emptied())


def complaint(url: str) -> str:
    """What is said when a journal cannot be opened: one line, and no password in it."""
    with pytest.raises((StoreUnavailable, StoreRefused)) as raised:
        Journal(url)
    said = str(raised.value)
    assert "\n" not in said
    assert not any(secret in said for secret in (PASSWORD, "p%40ss", "w%2Frd", "hunter2"))
    return said


def test_a_server_that_is_not_there_is_said(server: PostgreSQL) -> None:
    port = free_port()
    said = complaint(server.url("houqin").replace(f":{server.port}/", f":{port}/"))
    assert f"port {port} failed" in said
    assert "check its server" in said


def test_a_wrong_password_is_said(server: PostgreSQL) -> None:
    assert 'password authentication failed for user "houqin"' in complaint(server.url("postgres", password="hunter2"))


def test_a_database_that_is_not_there_is_said(server: PostgreSQL) -> None:
    assert 'database "nowhere" does not exist' in complaint(server.url("nowhere"))


def test_a_database_that_cannot_hold_chinese_is_refused(server: PostgreSQL) -> None:
    with server.database(encoding="LATIN1") as name:
        said = complaint(server.url(name))
    assert "encoded in LATIN1" in said
    assert "无法保存中文" in said


@pytest.mark.parametrize(
    "url",
    [
        "",
        "journal.db",
        "mysql://houqin:hunter2@db/houqin",
        "postgresql+psycopg://houqin:hunter2@db:54x2/houqin",
        "postgresql+psycopg://houqin:hunter2@db",
        "postgresql+psycopg2://houqin:hunter2@db/houqin",
    ],
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    assert "expected postgresql+psycopg://" in complaint(url)


@pytest.mark.parametrize("scheme", ["postgresql", "postgres", "postgresql+psycopg"])
def test_the_driver_need_not_be_named(scheme: str) -> None:
    assert address_of(f"{scheme}://houqin@db/houqin").drivername == "postgresql+psycopg"


def test_a_password_in_the_query_is_not_told_either(server: PostgreSQL) -> None:
    complaint(f"postgresql://houqin@127.0.0.1:{server.port}/postgres?password=hunter2")


def test_records_go_on_when_the_server_comes_back(server: PostgreSQL, address: str) -> None:
    journal = Journal(address)
    journal.record_decision(decision())
    server.stop()
    try:
        with pytest.raises(StoreUnavailable):
            journal.record_decision(decision(minutes=1))
        with pytest.raises(StoreUnavailable):
            journal.decisions()
    finally:
        server.start()
    assert [found.time for found in journal.decisions()] == [NOON]
    journal.record_decision(decision(minutes=2))
    assert [found.time for found in journal.decisions()] == [later(2), NOON]
    journal.close()


@pytest.mark.asyncio
async def test_what_is_said_while_the_server_is_away_is_entered_in_order(server: PostgreSQL, address: str) -> None:
    journal, bus = Journal(address), InProcessBus()
    recorder = JournalRecorder(bus, journal)
    task = asyncio.create_task(recorder.run())
    bus.publish(DecisionMade(decision=decision()))
    await until(lambda: recorder.waiting == 0)
    await asyncio.to_thread(server.stop)
    try:
        for minutes in (1, 2):
            bus.publish(DecisionMade(decision=decision(minutes=minutes)))
        with pytest.raises(StoreUnavailable):
            await recorder.flush()
        assert recorder.waiting == 2
    finally:
        await asyncio.to_thread(server.start)
    await until(lambda: recorder.waiting == 0)
    assert [found.time for found in journal.decisions()] == [later(2), later(1), NOON]
    await end(task)
    journal.close()


def test_a_connection_that_was_cut_is_replaced(server: PostgreSQL, address: str) -> None:
    journal = Journal(address)
    database = address.rpartition("/")[2]
    with server.connection() as other:
        other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (database,))
    journal.record_decision(decision())
    assert len(journal.decisions()) == 1
    journal.close()


def test_a_writer_that_never_ends_is_not_waited_for_and_readers_pass(server: PostgreSQL, address: str) -> None:
    journal = Journal(f"{address}?options=-c%20lock_timeout%3D200ms")
    journal.record_decision(decision())
    with server.connection(address.rpartition("/")[2]) as other:
        other.execute(WRITING)
        with pytest.raises(StoreUnavailable, match="lock timeout"):
            journal.record_decision(decision(minutes=1))
        assert len(journal.decisions()) == 1
    journal.record_decision(decision(minutes=2))
    assert len(journal.decisions()) == 2
    journal.close()


def test_a_statement_that_takes_too_long_is_given_up(server: PostgreSQL, address: str) -> None:
    journal = Journal(f"{address}?options=-c%20statement_timeout%3D200ms")
    with server.connection(address.rpartition("/")[2]) as other, other.transaction():
        other.execute("LOCK TABLE decisions")
        with pytest.raises(StoreUnavailable, match="statement timeout"):
            journal.decisions()
    assert journal.decisions() == []
    journal.close()


def test_waits_have_an_end_unless_the_address_says_otherwise(address: str) -> None:
    journal = Journal(address)
    with journal._database.reading() as connection:
        found = {
            name: connection.execute(text(f"SHOW {name}")).scalar_one()
            for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "application_name")
        }
    journal.close()
    assert list(found.values()) == ["1min", "10s", "1min", "houqin"]


def test_a_table_that_is_gone_is_said(server: PostgreSQL, address: str) -> None:
    journal = Journal(address)
    with server.connection(address.rpartition("/")[2]) as other:
        other.execute("ALTER TABLE decisions RENAME TO moved")
    with pytest.raises(StoreUnavailable, match='relation "decisions" does not exist'):
        journal.record_decision(decision())
    journal.record_alarm(alarm(0, active=True))
    with server.connection(address.rpartition("/")[2]) as other:
        other.execute("ALTER TABLE moved RENAME TO decisions")
    journal.record_decision(decision())
    journal.close()
