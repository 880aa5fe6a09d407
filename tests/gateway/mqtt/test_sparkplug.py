"""Edge nodes: births and deaths, counts and aliases, and every sort of value (Eclipse Sparkplug Specification 3.0)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facility.bus import LinkStatus, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.profiles.schema import Profile
from facility.readings import Status
from gateway.mqtt.ingest import MqttIngest
from gateway.mqtt.payload import Flaw
from gateway.mqtt.sparkplug.wire import MOST_METRICS, DataType, decode, rebirth_command
from tests.gateway.mqtt.protobuf_writer import (
    BOOLEAN,
    BYTES,
    DOUBLE,
    INT8,
    INT16,
    INT32,
    INT64,
    STRING,
    UINT8,
    UINT32,
    UINT64,
    metric,
    payload,
)
from tests.sites import small_site_data

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
NOON_MS = int(NOON.timestamp() * 1000)
OK, LOST = Status.GOOD, (None, Status.DISCONNECTED)
Got = dict[str, tuple[float | None, Status]]

PROBE = Profile.model_validate(
    {
        "profile": "probe", "name": {"zh": "探头"}, "kind": "sensor", "protocol": "mqtt",
        "source": {"document": "test", "grade": "official"}, "messages": {"format": "sparkplug"},
        "mqtt": [
            {"id": "count", "name": {"zh": "数"}, "quantity": "count", "path": "Count"},
            {"id": "open", "name": {"zh": "开"}, "quantity": "state", "enumeration": "closed_open",
             "codes": {"false": "closed", "true": "open", "ajar": "open"}, "path": "Inputs/Door.1"},
        ],
    }
)  # fmt: skip


def office(*patterns: str) -> Site:
    """The small site with a meter and a probe on edge node office/east, and a climate sensor that is a node itself."""
    data = small_site_data()
    data["links"]["sensors"]["topics"] = [{"pattern": each, "profile": "sparkplug_climate"} for each in patterns]
    for device, profile, topic, kind in (
        ("m-1", "sparkplug_meter", "office/east/m1", "electricity_meter"),
        ("p-1", "probe", "office/east/p1", "window_contact"),
        ("c-1", "sparkplug_climate", "office/west", "climate_sensor"),
    ):
        data["devices"].append({"id": device, "profile": profile, "link": "sensors", "topic": topic})
        data["equipment"].append({"id": f"e-{device}", "kind": kind, "device": device})
    return build_site(SiteFile.model_validate(data), {**ProfileLibrary(), "probe": PROBE})


@dataclass
class Plant:
    """An ingest, what it published, and what it asked nodes for."""

    site: Site = field(default_factory=office)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    messages: list[ReadingsTaken] = field(default_factory=list)
    links: list[LinkStatus] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        bus = InProcessBus()
        bus.listen(ReadingsTaken, self.messages.append)
        bus.listen(LinkStatus, self.links.append)
        self.ingest = MqttIngest(self.site, "sensors", bus, self.clock)
        self.ingest.speak_through(lambda topic, _: self.asked.append(topic))

    def take(self, topic: str, *metrics: bytes, seq: int | None = None, **options: Any) -> Got:
        """A message of the node (`NBIRTH/east`) or a device (`DDATA/east/m1`); what was published for it."""
        return self.take_raw(topic, payload(*metrics, seq=seq), **options)

    def take_raw(self, topic: str, raw: bytes, **options: Any) -> Got:
        before = len(self.messages)
        self.ingest.take(f"spBv1.0/office/{topic}", raw, **options)
        return {
            reading.point.removeprefix("e-"): (reading.value, reading.status)
            for message in self.messages[before:]
            for reading in message.batch.readings()
        }

    def born(self, *, bd_seq: int | None = 0) -> Plant:
        """The node and its meter (power under alias 7) are born; the next message counts 2."""
        told = () if bd_seq is None else (metric("bdSeq", bd_seq, INT64),)
        self.take("NBIRTH/east", *told, seq=0)
        self.take("DBIRTH/east/m1", metric("Power/Active", 1.5, alias=7), seq=1)
        return self


def test_a_birth_gives_values_and_names_and_data_may_then_say_only_the_alias() -> None:
    plant = Plant()
    assert plant.take("NBIRTH/east", metric("bdSeq", 0, INT64), seq=0) == {}
    assert plant.take("DBIRTH/east/m1", metric("Power/Active", 1.5, alias=7), seq=1) == {"m-1.power": (1.5, OK)}
    assert plant.take("DDATA/east/m1", metric(None, 0.0, None, alias=7), seq=2) == {"m-1.power": (0.0, OK)}
    assert plant.take("DDATA/east/m1", metric("Energy/Import", 12.5), seq=3) == {"m-1.energy_import": (12.5, OK)}
    assert plant.take("DDATA/east/m1", metric("Nobody/Asked", 1.0), seq=4) == {}
    assert plant.asked == []


def test_a_node_may_be_a_device_itself() -> None:
    plant = Plant()
    assert plant.take("NBIRTH/west", metric("Temperature", 21.5), metric("Humidity", 0.0), seq=0) == {
        "c-1.temperature": (21.5, OK),
        "c-1.humidity": (0.0, OK),
    }
    assert plant.take("NDATA/west", metric("Temperature", 85.0), seq=1) == {
        "c-1.temperature": (None, Status.OUT_OF_RANGE)
    }
    assert plant.take("NDEATH/west") == {"c-1.temperature": LOST, "c-1.humidity": LOST}


@pytest.mark.parametrize(
    ("said", "datatype", "expected"),
    [
        (0, INT8, 0.0), (0xFE, INT8, -2.0), (0xFFFFFFFE, INT8, -2.0), (127, INT8, 127.0),
        (0xFFFE, INT16, -2.0), (0xFFFFFFFE, INT32, -2.0), ((1 << 64) - 5, INT64, -5.0),
        (254, UINT8, 254.0), (0xFFFFFFFE, UINT32, 4294967294.0), (1 << 40, UINT64, float(1 << 40)),
        (1.25, DOUBLE, 1.25), (-0.0, DOUBLE, 0.0), ("12.5", STRING, 12.5),
        (5, None, 5.0),
    ],
)  # fmt: skip
def test_numbers_are_what_their_type_means(said: Any, datatype: int, expected: float) -> None:
    assert Plant().born().take("DDATA/east/p1", metric("Count", said, datatype), seq=2) == {"p-1.count": (expected, OK)}


@pytest.mark.parametrize(
    ("said", "datatype", "status"),
    [
        (None, DOUBLE, Status.NOT_AVAILABLE), (float("nan"), DOUBLE, Status.NOT_A_NUMBER),
        (float("inf"), DOUBLE, Status.NOT_A_NUMBER), (True, BOOLEAN, Status.NOT_A_NUMBER),
        ("warm", STRING, Status.NOT_A_NUMBER), (b"\x00", BYTES, Status.BAD_PAYLOAD), (5, 99, Status.BAD_PAYLOAD),
    ],
)  # fmt: skip
def test_what_is_no_number_is_no_value(said: Any, datatype: int, status: Status) -> None:
    assert Plant().born().take("DDATA/east/p1", metric("Count", said, datatype), seq=2) == {"p-1.count": (None, status)}


@pytest.mark.parametrize(
    ("said", "datatype", "expected"),
    [
        (True, BOOLEAN, (1.0, OK)), (False, BOOLEAN, (0.0, OK)), ("ajar", STRING, (1.0, OK)),
        ("broken", STRING, (None, Status.UNKNOWN_CODE)), (None, BOOLEAN, (None, Status.NOT_AVAILABLE)),
    ],
)  # fmt: skip
def test_states_go_by_their_words_and_names_may_hold_dots_and_slashes(
    said: Any, datatype: int, expected: tuple[float | None, Status]
) -> None:
    assert Plant().born().take("DDATA/east/p1", metric("Inputs/Door.1", said, datatype), seq=2) == {
        "p-1.open": expected
    }


def test_a_float_of_four_bytes_is_read() -> None:
    raw = b"\x12\x0e\x0a\x05Count\x20\x09\x65\x00\x00\xc0\x3f\x18\x02"
    assert decode(raw).metrics[0].value == 1.5
    assert Plant().born().take_raw("DDATA/east/p1", raw) == {"p-1.count": (1.5, OK)}


def test_the_type_of_a_birth_holds_for_what_follows() -> None:
    plant = Plant()
    plant.take("NBIRTH/east", seq=0)
    plant.take("DBIRTH/east/p1", metric("Count", 0, INT8, alias=3), seq=1)
    assert plant.take("DDATA/east/p1", metric(None, 0xFE, None, alias=3), seq=2) == {"p-1.count": (-2.0, OK)}
    assert plant.take("DDATA/east/p1", metric("Count", 0xFE, None), seq=3) == {"p-1.count": (-2.0, OK)}


def test_with_a_node_all_its_devices_are_gone_and_with_a_device_it_alone() -> None:
    plant = Plant().born()
    assert plant.take("DDEATH/east/m1", seq=2)["m-1.power"] == LOST
    assert plant.take("DDEATH/east/p1", seq=3) == {"p-1.count": LOST, "p-1.open": LOST}
    assert plant.take("DBIRTH/east/m1", metric("Power/Active", 2.0), seq=4) == {"m-1.power": (2.0, OK)}
    everything = plant.take("NDEATH/east", metric("bdSeq", 0, INT64))
    assert set(everything.values()) == {LOST}
    assert {point.split(".")[0] for point in everything} == {"m-1", "p-1"}
    told = [(status.device, status.up) for status in plant.links]
    assert told == [("m-1", True), ("m-1", False), ("p-1", False), ("m-1", True), ("m-1", False)]


@pytest.mark.parametrize(
    ("birth", "death", "believed"),
    [(3, 3, True), (0, 0, True), (3, 2, False), (0, 255, False), (None, 3, True), (3, None, True)],
)
def test_a_death_counts_only_when_it_is_of_the_last_birth(birth: int | None, death: int | None, believed: bool) -> None:
    plant = Plant().born(bd_seq=birth)
    told = () if death is None else (metric("bdSeq", death, INT64),)
    assert bool(plant.take("NDEATH/east", *told)) is believed


def test_a_death_of_a_node_not_heard_before_is_believed() -> None:
    assert set(Plant().take("NDEATH/east", metric("bdSeq", 4, INT64)).values()) == {LOST}


def test_a_missing_message_asks_for_a_rebirth_with_growing_pauses() -> None:
    plant = Plant().born()
    assert plant.take("DDATA/east/m1", metric(None, 2.0, None, alias=7), seq=5) == {"m-1.power": (2.0, OK)}
    assert plant.asked == ["spBv1.0/office/NCMD/east"]
    for seconds, asked in ((9, 1), (1, 2), (19, 2), (1, 3), (39, 3), (1, 4)):
        plant.clock.advance(seconds)
        plant.take("DDATA/east/m1", seq=99)
        assert len(plant.asked) == asked, f"after {seconds} s more"
    plant.born()
    plant.take("DDATA/east/m1", seq=2)
    assert len(plant.asked) == 4


def test_a_node_that_is_born_wrongly_for_ever_is_not_asked_for_ever() -> None:
    plant = Plant()
    for _ in range(100):
        plant.take("NBIRTH/east", seq=0)
        plant.take("DDATA/east/m1", seq=7)
    assert len(plant.asked) == 1


def test_the_count_goes_round_after_255() -> None:
    plant = Plant().born()
    for seq in (*range(2, 256), *range(5)):
        plant.take("DDATA/east/m1", metric(None, 1.0, None, alias=7), seq=seq)
    assert plant.asked == []


def test_an_alias_that_nobody_knows_asks_for_a_rebirth_and_is_no_value() -> None:
    plant = Plant().born()
    assert plant.take("DDATA/east/m1", metric(None, 2.0, None, alias=8), seq=2) == {}
    assert plant.asked == ["spBv1.0/office/NCMD/east"]


def test_data_before_any_birth_counts_where_it_is_named_and_asks_for_one() -> None:
    plant = Plant()
    assert plant.take("DDATA/east/m1", metric("Power/Active", 3.0), seq=17) == {"m-1.power": (3.0, OK)}
    assert plant.asked == ["spBv1.0/office/NCMD/east"]


def test_a_rebirth_is_asked_for_as_the_specification_writes_it() -> None:
    command = decode(rebirth_command(NOON_MS))
    (wanted,) = command.metrics
    assert (wanted.name, wanted.datatype, wanted.value) == ("Node Control/Rebirth", DataType.BOOLEAN, True)
    assert (command.sequence, command.time_ms, wanted.time_ms) == (None, NOON_MS, NOON_MS)
    assert rebirth_command(NOON_MS) == payload(
        metric("Node Control/Rebirth", True, BOOLEAN, time_ms=NOON_MS), time_ms=NOON_MS
    )


def test_each_metric_has_its_own_time_and_one_message_is_acknowledged_once() -> None:
    plant, told = Plant().born(), list[str]()
    plant.messages.clear()
    raw = payload(
        metric("Power/Active", 2.0, time_ms=NOON_MS - 1000),
        metric("Voltage/A", 230.0, time_ms=NOON_MS - 1000),
        metric("Energy/Import", 1.0, time_ms=NOON_MS - 20 * 86_400_000, historical=True),
        metric("Energy/Export", 1.0, time_ms=NOON_MS - 20 * 86_400_000),
        metric("Current/A", 9.0, transient=True),
        seq=2, time_ms=NOON_MS,
    )  # fmt: skip
    plant.take_raw("DDATA/east/m1", raw, acknowledge=lambda: told.append("done"))
    readings = [reading for message in plant.messages for reading in message.batch.readings()]
    assert {reading.point.split(".")[1]: (NOON - reading.time, reading.status) for reading in readings} == {
        "energy_import": (timedelta(days=20), OK),
        "power": (timedelta(seconds=1), OK),
        "voltage_a": (timedelta(seconds=1), OK),
        "energy_export": (timedelta(0), Status.CLOCK_DOUBTFUL),
    }
    for message in plant.messages:
        assert told == []
        assert message.on_durable is not None
        message.on_durable()
    assert told == ["done"]


@pytest.mark.parametrize("raw", [b"\xff\xff\xff", b"{}", b"\x12\xff\x01", b"x" * 70_000])
def test_what_is_no_payload_is_counted_and_harms_nobody(raw: bytes) -> None:
    plant = Plant().born()
    assert plant.take_raw("DDATA/east/m1", raw) == {}
    assert sum(plant.ingest.counts.flaws.values()) == 1
    assert set(plant.ingest.counts.flaws) <= {Flaw.NOT_SPARKPLUG, Flaw.TOO_LARGE}
    assert plant.take("DDATA/east/m1", metric(None, 2.0, None, alias=7), seq=2) == {"m-1.power": (2.0, OK)}


def test_what_the_broker_kept_is_not_looked_at() -> None:
    assert Plant().take("NBIRTH/west", metric("Temperature", 21.5), seq=0, retained=True) == {}


def test_one_subscription_serves_a_node_and_a_pattern_serves_all_of_its_nodes() -> None:
    nodes = [topic for topic in Plant().ingest.topics if topic.startswith("spBv1.0")]
    assert nodes == ["spBv1.0/office/+/east/#", "spBv1.0/office/+/west/#"]
    patterned = Plant(office("office/{device}"))
    assert [each for each in patterned.ingest.topics if each.startswith("spBv1.0")] == ["spBv1.0/office/+/+/#"]


def test_unknown_devices_and_nodes_are_remembered_and_not_ordered_about() -> None:
    plant = Plant(office("office/{device}"))
    plant.take("DDATA/east/m9", metric("Power/Active", 1.0), seq=0)
    plant.take("NDATA/north", metric("Temperature", 1.0), seq=9)
    plant.take("NCMD/east", metric("Node Control/Rebirth", True, BOOLEAN))
    plant.take("NONSENSE/east", metric("Temperature", 1.0))
    assert [each.id for each in plant.ingest.strangers.list] == ["office/north", "office/east/m9"]
    assert plant.asked == ["spBv1.0/office/NCMD/east"]


def test_what_a_node_says_of_devices_that_the_site_has_not_is_not_kept_nor_asked_for() -> None:
    plant = Plant().born()
    for number in range(3):
        plant.take(f"DBIRTH/east/ghost-{number}", metric("Power/Active", 1.5, alias=8), seq=2 + number)
    assert plant.take("DDATA/east/ghost-0", metric(None, 2.5, None, alias=99), seq=5) == {}
    assert plant.asked == []
    assert plant.take("DDATA/east/m1", metric(None, 0.0, None, alias=7), seq=6) == {"m-1.power": (0.0, OK)}
    node = plant.ingest._sparkplug._nodes["office", "east"]
    assert (list(node._devices), list(node._types)) == (["m1"], ["m1"])


def test_a_device_that_is_born_again_and_again_under_other_names_is_known_by_its_last_birth_alone() -> None:
    plant = Plant().born()
    for number in range(3):
        plant.take("DBIRTH/east/m1", metric(f"Name-{number}", 1.5, alias=number), seq=2 + number)
    assert list(plant.ingest._sparkplug._nodes["office", "east"]._types["m1"]) == ["Name-2"]


def test_a_message_of_countless_empty_metrics_is_not_looked_at() -> None:
    plant = Plant().born()
    plant.take_raw("DDATA/east/m1", bytes((0x12, 0)) * (MOST_METRICS + 1))
    assert plant.ingest.counts.flaws == {Flaw.TOO_LARGE: 1}
    plant.take_raw("DDATA/east/m1", bytes((0x12, 0)) * MOST_METRICS)
    assert plant.ingest.counts.flaws == {Flaw.TOO_LARGE: 1}
