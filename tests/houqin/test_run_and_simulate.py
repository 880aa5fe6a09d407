"""A site run and simulated with the commands an operator types, each in a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pymodbus.client import ModbusTcpClient

from facility.store.embedded import EmbeddedStore
from tests.houqin.operating import Child, Visitor, finished, office_data, until, write_site
from tests.servers import accepts, free_port

pytestmark = [pytest.mark.server, pytest.mark.timeout(120)]

ON_ARCHIVE = 16 + 32 + 3
"""Wire address of "Running" of the third unit behind a CoolMasterNet."""


class House:
    """One site, simulated and run; both can be ended and started again.

    Attributes:
        token: an administrator's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.entries = office_data()
        self.site = write_site(folder / "site.yaml", self.entries)
        self.data = folder / "data"
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        made = finished("token", "create", "keeper", "--role", "administrator", "--data", self.data)
        assert made.returncode == 0, made.stderr
        self.token = made.stdout.strip()
        self.building = self.simulate()
        self.switch_on_archive()
        self.running = self.run()

    def simulate(self) -> Child:
        child = Child(self.folder, "simulate", "simulate", self.site, "--speed", "10")
        child.wait_said("Simulating")
        return child

    def run(self) -> Child:
        child = Child(self.folder, "run", "run", self.site, "--data", self.data, "--port", str(self.port))
        child.wait_said("Houqin is running")
        return child

    def keeper(self) -> Visitor:
        return Visitor(self.address, self.token)

    def stranger(self) -> Visitor:
        return Visitor(self.address)

    def switch_on_archive(self) -> None:
        """As somebody at the wall would, past Houqin."""
        with ModbusTcpClient("127.0.0.1", port=self.entries["links"]["plant"]["port"]) as plant:
            assert not plant.write_register(ON_ARCHIVE, 1, device_id=1).isError()

    def reads_archive(self) -> int:
        """What the wire says of the unit."""
        with ModbusTcpClient("127.0.0.1", port=self.entries["links"]["plant"]["port"]) as plant:
            value: int = plant.read_holding_registers(ON_ARCHIVE, count=1, device_id=1).registers[0]
            return value

    def end(self) -> None:
        for child in (self.running, self.building):
            child.end()


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    standing = House(tmp_path_factory.mktemp("house"))
    try:
        yield standing
    finally:
        standing.end()


def all_good(visitor: Visitor) -> bool:
    return all(point["quality"] == "good" for point in visitor.live().values())


def test_an_order_to_switch_off_goes_from_the_desk_to_the_unit(house: House) -> None:
    with house.keeper() as keeper:
        until(lambda: keeper.live(equipment="ac-archive")["ac-archive.on"]["value"] == 1, "the unit seen running")
        assert house.reads_archive() == 1
        order = keeper.order("ac-archive", on=False, reason="nobody in")
        first = keeper.get(f"/commands/{order}")
        assert first["state"] in ("proposed", "sent", "confirmed")
        assert (first["actor"], first["wish"]["on"]) == ("keeper", False)
        until(lambda: keeper.get(f"/commands/{order}")["state"] == "confirmed", "the order confirmed")
        assert keeper.get(f"/commands/{order}")["read"]["on"] is False
        assert house.reads_archive() == 0
        until(lambda: keeper.live(equipment="ac-archive")["ac-archive.on"]["value"] == 0, "the unit seen off")


def test_the_site_file_is_checked_without_a_complaint(house: House) -> None:
    checked = finished("check", house.site)
    assert checked.returncode == 0, checked.stdout
    assert "no errors" in checked.stdout


def test_every_value_is_live_and_good_over_modbus_and_mqtt(house: House) -> None:
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read")
        points = keeper.live()
        assert len(points) > 80
        assert {"ac-401.room_temperature", "meter-401.power", "climate-401.temperature"} <= set(points)
        before = points["main-meter.energy_import"]
        until(lambda: keeper.live()["main-meter.energy_import"]["time"] > before["time"], "a newer reading")


def test_only_health_is_open_to_strangers(house: House) -> None:
    with house.stranger() as stranger, house.keeper() as keeper:
        assert stranger.get("/health")["status"] == "ok"
        closed = ("/site", "/points", "/live", "/usage", "/decisions", "/alarms", "/openapi.json", "/no/such/path")
        told = {path: stranger.http.get(f"/api/v1{path}").status_code for path in closed}
        assert told == dict.fromkeys(closed, 401)
        order = stranger.http.post("/api/v1/equipment/ac-archive/commands", json={"on": False})
        assert order.status_code == 401
        with Visitor(house.address, "not-a-token") as forger:
            assert forger.http.get("/api/v1/live").status_code == 401
        assert keeper.get("/site")["id"] == "hq"


def test_a_page_asks_strangers_to_log_in(house: House) -> None:
    with house.stranger() as stranger:
        answer = stranger.http.get("/")
        assert answer.status_code in (302, 303, 307)
        assert answer.headers["location"].startswith("/login")
        login = stranger.http.get("/login", headers={"Accept-Language": "en"})
        assert login.status_code == 200
        assert "password" in login.text.lower()
        assert "main-meter" not in login.text


def test_use_is_told_by_office_and_nothing_known_is_not_zero(house: House) -> None:
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read")
        usage = keeper.get("/usage", by="office", medium="electricity", every="day")
        assert usage["unit"] == "kWh"
        keys = {row["key"] for row in usage["rows"]}
        assert {"finance", "general", "unallocated"} <= keys
        yesterday = keeper.get(
            "/usage", by="office", medium="electricity", every="day", start="2021-05-01", end="2021-05-02"
        )
        assert {row["value"] for row in yesterday["rows"]} == {None}


def test_a_second_one_on_the_same_data_is_refused_and_the_first_goes_on(house: House) -> None:
    second = finished("run", house.site, "--data", house.data, "--port", "0")
    assert second.returncode == 2
    assert str(house.data) in second.stderr
    assert "Traceback" not in second.stderr
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "the first goes on")


def test_a_taken_port_is_said_at_once_and_nothing_is_started(house: House, tmp_path: Path) -> None:
    data = tmp_path / "data"
    refused = finished("run", house.site, "--data", data, "--port", str(house.port))
    assert refused.returncode == 2
    assert str(house.port) in refused.stderr
    assert "--port" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert not data.exists()


def test_a_site_whose_ports_are_taken_is_not_simulated(house: House) -> None:
    refused = finished("simulate", house.site)
    assert refused.returncode == 2, refused.stderr
    assert "Traceback" not in refused.stderr
    assert f"line meters, at 127.0.0.1:{house.entries['links']['meters']['port']}" in refused.stderr


def test_ctrl_c_ends_a_run_and_what_was_read_is_kept(house: House) -> None:
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read")
        known = keeper.live()["main-meter.energy_import"]
        with keeper.http.stream("GET", "/api/v1/live/stream") as stream:  # somebody looks on while it ends
            assert stream.status_code == 200
            assert house.running.interrupt() == 0
    assert not accepts(house.port)
    assert "Traceback" not in house.running.complained, house.running.complained
    assert kept(house, "main-meter.energy_import") >= known["value"]
    house.running = house.run()
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read again")
        period = {"start": known["time"], "end": keeper.get("/health")["time"]}
        rows = keeper.get("/points/main-meter.energy_import/history", **period)["rows"]
        assert rows[0]["value"] == known["value"], "the reading of before the restart"


def kept(house: House, point: str) -> float:
    """The newest value of a point in the data folder."""
    store = EmbeddedStore(house.data / "store")
    try:
        value = store.latest([point])[point].value
    finally:
        store.close()
    assert value is not None
    return value


def test_ctrl_c_ends_a_simulation_and_a_run_lives_through_it(house: House) -> None:
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read")
        assert house.building.interrupt() == 0
        assert "Traceback" not in house.building.complained, house.building.complained
        until(lambda: keeper.live()["meter-401.power"]["quality"] == "bad", "the meter's silence seen")
        told = keeper.live()["meter-401.power"]
        assert (told["value"], told["reason"]) == (None, "link_down")
        until(lambda: {"link_down:meters", "link_down:plant", "link_down:sensors"} <= alarms(keeper), "three alarms")
        house.building = house.simulate()
        until(lambda: all_good(keeper), "everything read again")
        until(lambda: not any(key.startswith("link_down") for key in alarms(keeper)), "the alarms' end")
        assert house.running.process.poll() is None


def alarms(visitor: Visitor) -> set[str]:
    return {row["key"] for row in visitor.get("/alarms", active="true")["rows"]}


def test_an_alarm_whose_cause_ended_while_nobody_watched_ends_with_the_next_run(house: House) -> None:
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read")
        house.building.end()
        until(lambda: "link_down:meters" in alarms(keeper), "the alarm")
        house.running.interrupt()
    house.building = house.simulate()
    house.running = house.run()
    with house.keeper() as keeper:
        until(lambda: all_good(keeper), "everything read again")
        until(lambda: not any(key.startswith("link_down") for key in alarms(keeper)), "the alarms' end")
