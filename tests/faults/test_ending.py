"""`houqin run` told to end by whoever runs services: in time, with everything kept (FT-50)."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from facility.journal import Journal
from facility.journal.damage import is_damaged
from facility.store.embedded import EmbeddedStore
from tests.houqin.operating import ENDS_WITHIN_S, Child, Visitor, office_data, until, write_site
from tests.servers import accepts, free_port


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
