"""Two controllers of one site, each a process of its own, on one PostgreSQL journal and one building (FT-51, FT-52)."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from pymodbus.client import ModbusTcpClient

from facility.journal import Journal
from tests.facility.journal.postgresql import PostgreSQL
from tests.faults.wire_tap import WireTap
from tests.houqin.operating import Child, office_data, write_site
from tests.servers import wait_for

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

LEASE_S: Final = 2.0
CYCLE_S: Final = 5.0
SETPOINT_ARCHIVE: Final = 16 + 32 + 2
"""Wire address of the setpoint of the third unit behind a CoolMasterNet, in tenths of a degree."""
ADDRESS: Final = "HOUQIN_TEST_JOURNAL"


class Rivals:
    """The building, and two sites' files that differ in their wire to it only."""

    def __init__(self, folder: Path, tap: WireTap, port: int, url: str) -> None:
        self.folder, self.tap, self.port = folder, tap, port
        self.journal = Journal(url)
        self.children: dict[str, Child] = {}
        self._starts = 0

    def site(self, who: str, entries: dict[str, Any]) -> Path:
        entries["links"]["plant"]["port"] = self.tap.wire(who)
        return write_site(self.folder / f"{who}.yaml", entries)

    def begin(self, who: str) -> Child:
        self._starts += 1
        site, data = self.folder / f"{who}.yaml", self.folder / who
        child = self.children[who] = Child(
            self.folder, f"{who}-{self._starts}", "run", site, "--data", data, "--port", "0"
        )  # fmt: skip
        child.wait_said("Houqin is running", 60.0)
        return child

    def provoke(self) -> None:
        """Sets the archive's unit to 30 degrees at the wall, which its rules forbid."""
        with ModbusTcpClient("127.0.0.1", port=self.port) as plant:
            assert not plant.write_register(SETPOINT_ARCHIVE, 300, device_id=1).isError()

    def setpoint(self) -> int:
        with ModbusTcpClient("127.0.0.1", port=self.port) as plant:
            value: int = plant.read_holding_registers(SETPOINT_ARCHIVE, count=1, device_id=1).registers[0]
            return value

    def is_put_back(self) -> bool:
        return self.setpoint() <= 240

    def holder(self) -> str | None:
        row = self.journal.leases.find("hq")
        return None if row is None else row.holder

    def acts(self, child: Child) -> bool:
        return f":{child.process.pid}:" in (self.holder() or "")

    def end(self) -> None:
        for child in self.children.values():
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGCONT)
            child.end()
        self.journal.close()


@pytest.fixture
def rivals(tmp_path: Path, server: PostgreSQL) -> Iterator[Rivals]:
    entries = office_data()
    entries["journal"] = {"url_env": ADDRESS}
    entries["control"] = {"lease_s": LEASE_S, "setpoint_write_s": 0}
    at_once = {"put_back_s": 0.0, "setpoint_write_s": 0.0, "put_backs_per_hour": 100}
    entries["policy"] = {"zone_classes": {"archive": {"parameters": at_once}}}
    port = entries["links"]["plant"]["port"]
    url = server.url(server.emptied())
    os.environ[ADDRESS] = url
    tap = WireTap(port)
    found = Rivals(tmp_path, tap, port, url)
    building = Child(tmp_path, "simulate", "simulate", write_site(tmp_path / "building.yaml", entries))
    try:
        building.wait_said("Simulating")
        for who in ("a", "b"):
            found.site(who, entries)
        yield found
    finally:
        found.end()
        building.end()
        tap.close()
        del os.environ[ADDRESS]


def test_exactly_one_acts_through_kill_freeze_and_stop(rivals: Rivals) -> None:
    first = rivals.begin("a")
    wait_for(lambda: rivals.acts(first), "the first acts")
    second = rivals.begin("b")
    wait_for(lambda: "stands by" in second.complained, "the second stands by")
    wait_for(rivals.is_put_back, "the archive's unit within its limits")
    rivals.provoke()
    wait_for(rivals.is_put_back, "put back by the first")
    assert rivals.tap.writers() == ["a"]

    killed_at = time.monotonic()
    first.process.kill()
    first.process.wait()
    rivals.provoke()
    wait_for(lambda: rivals.acts(second), "taken over", LEASE_S + CYCLE_S)
    wait_for(rivals.is_put_back, "put back by the second")
    assert rivals.tap.writers() == ["a", "b"]
    assert min(write.at_s for write in rivals.tap.log if write.who == "b") > killed_at

    third = rivals.begin("a")
    wait_for(lambda: "stands by" in third.complained, "the first stands by now")
    second.process.send_signal(signal.SIGSTOP)
    wait_for(lambda: rivals.acts(third), "taken over from one that is frozen", LEASE_S + CYCLE_S)
    rivals.provoke()
    second.process.send_signal(signal.SIGCONT)
    wait_for(rivals.is_put_back, "put back by the first")
    wait_for(lambda: second.complained.count("stands by") == 2, "the second knows that it was relieved")
    assert rivals.tap.writers() == ["a", "b", "a"]

    assert third.interrupt() == 0
    wait_for(lambda: rivals.acts(second), "taken over from one that was stopped, at once", CYCLE_S)
    rivals.provoke()
    wait_for(rivals.is_put_back, "put back by the second")
    assert rivals.tap.writers() == ["a", "b", "a", "b"]
    epochs = rivals.journal.leases.find("hq")
    assert epochs is not None
    assert epochs.epoch == 4
