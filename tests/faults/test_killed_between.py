"""kill -9 after the decision and before its command reached the unit: nothing is left, nothing comes twice (FT-57)."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Final

import pytest
from pymodbus.client import ModbusTcpClient

from facility.journal import Journal
from tests.faults.wire_tap import WireTap
from tests.houqin.operating import Child, office_data, write_site
from tests.servers import wait_for

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]

SETPOINT_ARCHIVE: Final = 16 + 32 + 2


def test_a_command_that_never_arrived_is_made_anew_and_carried_out_once(tmp_path: Path) -> None:
    entries = office_data()
    data = tmp_path / "data"
    building = Child(tmp_path, "simulate", "simulate", write_site(tmp_path / "building.yaml", entries))
    port = entries["links"]["plant"]["port"]
    tap = WireTap(port)
    entries["links"]["plant"]["port"] = tap.wire("houqin")
    site = write_site(tmp_path / "site.yaml", entries)
    first: Child | None = None
    second: Child | None = None
    try:
        building.wait_said("Simulating")
        with ModbusTcpClient("127.0.0.1", port=port) as plant:
            assert not plant.write_register(SETPOINT_ARCHIVE, 300, device_id=1).isError()
        tap.hold()
        first = Child(tmp_path, "first", "run", site, "--data", data, "--port", "0")
        first.wait_said("Houqin is running")
        journal = Journal(f"sqlite:///{data / 'journal.db'}")
        try:
            wait_for(lambda: bool(journal.commands("ac-archive")), "the command decided on")
            first.process.send_signal(signal.SIGKILL)
            first.process.wait()
            told = journal.commands("ac-archive")
            assert [record.state for record in told] == ["sent"] * len(told)
            assert not tap.log
            tap.go_on()
            second = Child(tmp_path, "second", "run", site, "--data", data, "--port", "0")
            second.wait_said("Houqin is running")
            wait_for(lambda: "confirmed" in [record.state for record in journal.commands("ac-archive")], "carried out")
            row = journal.leases.find("hq")
            assert row is not None
            assert row.epoch == 2
        finally:
            journal.close()
        assert [write.address for write in tap.log].count(SETPOINT_ARCHIVE) == 1
    finally:
        for child in (first, second, building):
            if child is not None:
                child.end()
        tap.close()
