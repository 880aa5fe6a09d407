"""`houqin run` told to end by whoever runs services: in time, with everything kept (FT-50)."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from controller.lease import LeaseKeeper
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.journal import Journal
from facility.journal.damage import is_damaged
from facility.store.embedded import EmbeddedStore
from tests.houqin.operating import ENDS_WITHIN_S, Child, Visitor, office_data, until, write_site
from tests.servers import accepts, free_port

ROOT = Path(__file__).parents[2]
ROOMS = ("facility", "gateway", "controller", "api", "simulators", "houqin")


@pytest.mark.asyncio
async def test_a_controller_that_is_told_to_end_as_its_lease_is_answered_ends(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    clock = ManualClock(datetime(2026, 7, 15, 4, 0, tzinfo=UTC))
    lease = LeaseKeeper(journal.leases, InProcessBus(), clock, site="hq", lease_s=15.0)
    forever = asyncio.Event()

    async def work() -> None:
        await forever.wait()

    task = asyncio.create_task(lease.during(work))
    await asyncio.sleep(0)
    lease._answered.set()
    task.cancel()
    await asyncio.wait({task}, timeout=5.0)
    ended = task.cancelled()
    forever.set()
    await asyncio.gather(task, return_exceptions=True)
    journal.close()
    assert ended


def test_nothing_waits_in_a_way_that_forgets_that_it_was_told_to_end() -> None:
    """`asyncio.wait_for` of Python 3.11 returns as if nothing were, when what it waits for comes as it is cancelled."""
    files = (path for room in ROOMS for path in (ROOT / room).rglob("*.py"))
    assert [str(path) for path in files if "asyncio.wait_for(" in path.read_text("utf-8")] == []


@pytest.mark.server
@pytest.mark.timeout(90)
def test_sigterm_ends_a_run_in_time_and_everything_is_kept(tmp_path: Path) -> None:
    site, data, port = write_site(tmp_path / "site.yaml", office_data()), tmp_path / "data", free_port()
    with Child(tmp_path, "run", "run", site, "--data", data, "--port", str(port)) as run:
        run.wait_said("Houqin is running")
        until(lambda: accepts(port), "the page being served")
        with Visitor(f"http://127.0.0.1:{port}") as visitor:
            assert visitor.get("/health")["status"] == "ok"
        run.process.send_signal(signal.SIGTERM)
        assert run.process.wait(timeout=ENDS_WITHIN_S) == 0
    assert "Traceback" not in run.complained
    assert not is_damaged(data / "journal.db")
    journal = Journal(f"sqlite:///{data / 'journal.db'}")
    lease = journal.leases.find("hq")
    saved = journal.load_state("controller")
    journal.close()
    assert lease is not None
    assert lease.holder is None, "given back, so that a standby need not wait"
    assert set(saved["records"]) == {"ac-401", "ac-402", "ac-archive"}
    store = EmbeddedStore(data / "store")
    assert (store.set_aside, store.damage()) == (None, [])
    store.close()
