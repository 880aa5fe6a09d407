"""What a message becomes, case by case."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facility.bus import LinkStatus, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.live import LiveImage
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.profiles.schema import Profile
from facility.readings import Quality, Status
from gateway.mqtt.ingest import MqttIngest
from gateway.mqtt.payload import Flaw
from tests.gateway.mqtt.bad_messages import NO_NUMBER, NOT_READABLE, READ
from tests.sites import small_site, small_site_data

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
CLIMATE = "site/r401/climate"
OK, BAD = Status.GOOD, Status.BAD_PAYLOAD


@dataclass
class Desk:
    """An ingest with everything it published."""

    site: Site = field(default_factory=small_site)
    clock: ManualClock = field(default_factory=lambda: ManualClock(NOON))
    messages: list[ReadingsTaken] = field(default_factory=list)
    links: list[LinkStatus] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bus = InProcessBus()
        self.bus.listen(ReadingsTaken, self.messages.append)
        self.bus.listen(LinkStatus, self.links.append)
        self.ingest = MqttIngest(self.site, "sensors", self.bus, self.clock)

    def take(self, topic: str, payload: str | bytes, **options: Any) -> dict[str, tuple[float | None, Status]]:
        """Hands in a message; what was published for it."""
        before = len(self.messages)
        self.ingest.take(topic, payload.encode() if isinstance(payload, str) else payload, **options)
        return {
            reading.point.split(".")[1]: (reading.value, reading.status)
            for message in self.messages[before:]
            for reading in message.batch.readings()
        }


@pytest.mark.parametrize(
    ("topic", "payload", "expected"),
    [
        (CLIMATE, '{"temperature": 26.5, "humidity": 55}', {"temperature": (26.5, OK), "humidity": (55.0, OK)}),
        (CLIMATE, '{"temperature": 0, "humidity": 0.0}', {"temperature": (0.0, OK), "humidity": (0.0, OK)}),
        (CLIMATE, '{"temperature": -12.5}', {"temperature": (-12.5, OK)}),
        (CLIMATE, '{"temperature": "26.5", "battery": 90}', {"temperature": (26.5, OK)}),
        (CLIMATE, '{"temperature": null}', {"temperature": (None, Status.NOT_AVAILABLE)}),
        (CLIMATE, '{"temperature": 85}', {"temperature": (None, Status.OUT_OF_RANGE)}),
        (CLIMATE, '{"temperature": 12e29}', {"temperature": (None, Status.OUT_OF_RANGE)}),
        (CLIMATE, '{"temperature": true}', {"temperature": (None, Status.NOT_A_NUMBER)}),
        (CLIMATE, '{"temperature": "warm"}', {"temperature": (None, Status.NOT_A_NUMBER)}),
        (CLIMATE, '{"temperature": "nan"}', {"temperature": (None, Status.NOT_A_NUMBER)}),
        (CLIMATE, '{"temperature": "0x1A"}', {"temperature": (None, Status.NOT_A_NUMBER)}),
        (CLIMATE, '{"temperature": "1e999"}', {"temperature": (None, Status.NOT_A_NUMBER)}),
        (CLIMATE, '{"temperature": {"value": 26}}', {"temperature": (None, BAD)}),
        ("site/r401/window", '{"contact": "open"}', {"open": (1.0, OK)}),
        ("site/r401/window", '{"contact": "closed"}', {"open": (0.0, OK)}),
        ("site/r401/window", '{"contact": "ajar"}', {"open": (None, Status.UNKNOWN_CODE)}),
        ("site/r401/presence", "1", {"present": (1.0, OK)}),
        ("site/r401/presence", " 0\n", {"present": (0.0, OK)}),
        ("site/r401/presence", "2", {"present": (None, Status.UNKNOWN_CODE)}),
        ("site/r401/presence", "off", {"present": (None, Status.UNKNOWN_CODE)}),
        (
            "site/weather",
            '{"temperature": 33.1, "humidity": 61, "irradiance": 812, "rain": 0}',
            {"temperature": (33.1, OK), "humidity": (61.0, OK), "irradiance": (812.0, OK), "rain": (0.0, OK)},
        ),
    ],
)
def test_a_message_becomes_one_batch(
    topic: str, payload: str, expected: dict[str, tuple[float | None, Status]]
) -> None:
    desk = Desk()
    assert desk.take(topic, payload) == expected
    assert len(desk.messages) == 1
    assert {reading.time for reading in desk.messages[0].batch.readings()} == {NOON}


@pytest.mark.parametrize(
    ("payload", "flaw"),
    [
        (b"", Flaw.EMPTY),
        (b"  \n", Flaw.EMPTY),
        (b'{"temperature": 2', Flaw.NOT_JSON),
        (b'{"temperature": NaN}', Flaw.NOT_JSON),
        (b'{"temperature": Infinity}', Flaw.NOT_JSON),
        (b'{"temperature": 1e400}', Flaw.NOT_JSON),
        (b'{"a":' * 5000 + b"1" + b"}" * 5000, Flaw.NOT_JSON),
        (b'{"temperature": "\xff"}', Flaw.NOT_UTF8),
        (b'\xef\xbb\xbf{"temperature": 26}', Flaw.BYTE_ORDER_MARK),
        (b"[26.5]", Flaw.NOT_AN_OBJECT),
        (b"26.5", Flaw.NOT_AN_OBJECT),
        (b"null", Flaw.NOT_AN_OBJECT),
        (b'{"temp": 26.5}', Flaw.NO_KNOWN_VALUE),
        (b'{"temperature": 26.5, "x": "' + b"x" * 65_536 + b'"}', Flaw.TOO_LARGE),
    ],
)
def test_a_message_that_cannot_be_read_makes_the_device_bad_and_is_counted(payload: bytes, flaw: Flaw) -> None:
    desk = Desk()
    assert desk.take(CLIMATE, payload) == {"temperature": (None, BAD), "humidity": (None, BAD)}
    assert dict(desk.ingest.counts.flaws) == {flaw: 1}


@pytest.mark.parametrize("payload", [b"1" * 300, b"a\x00b", b"\xff", b""])
def test_a_plain_message_that_cannot_be_read_makes_the_device_bad(payload: bytes) -> None:
    assert Desk().take("site/r401/presence", payload) == {"present": (None, BAD)}


def test_a_fault_is_logged_once_with_a_sample_and_again_only_after_it_was_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    desk = Desk()
    for payload in ("{" + "x" * 500, "{", '{"temperature": 20}', "{"):
        desk.take(CLIMATE, payload)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert len(warnings) == 2
    assert "x" * 199 in warnings[0]
    assert "x" * 200 not in warnings[0]
    assert desk.ingest.counts.flaws[Flaw.NOT_JSON] == 3


def test_a_message_is_acknowledged_only_when_its_readings_are_durable() -> None:
    desk = Desk()
    told: list[str] = []
    desk.take(CLIMATE, '{"temperature": 20}', acknowledge=lambda: told.append("good"))
    desk.take(CLIMATE, "{", acknowledge=lambda: told.append("bad"))
    assert told == []
    for message in desk.messages:
        assert message.on_durable is not None
        message.on_durable()
    assert told == ["good", "bad"]


@pytest.mark.parametrize(
    ("topic", "payload", "retained"),
    [("elsewhere", "1", False), (CLIMATE, '{"temperature": 20}', True), ("site/weather/availability", "online", False)],
)
def test_a_message_that_gives_no_reading_is_acknowledged_at_once(topic: str, payload: str, retained: bool) -> None:
    desk = Desk()
    told: list[str] = []
    acknowledge: Callable[[], None] = lambda: told.append("done")  # noqa: E731
    assert desk.take(topic, payload, retained=retained, acknowledge=acknowledge) == {}
    assert told == ["done"]


@pytest.mark.parametrize(
    ("age_s", "taken"), [(0, True), (299, True), (301, False), (-299, True), (-301, False), (400 * 86400, False)]
)
def test_a_retained_message_counts_only_when_its_own_time_stamp_is_fresh(age_s: float, taken: bool) -> None:
    desk = Desk()
    said = NOON - timedelta(seconds=age_s)
    got = desk.take(CLIMATE, f'{{"temperature": 20, "time": "{said.isoformat()}"}}', retained=True)
    assert got == ({"temperature": (20.0, OK)} if taken else {})
    assert desk.ingest.counts.retained_refused == (0 if taken else 1)
    if taken:
        assert next(desk.messages[0].batch.readings()).time == min(said, NOON)


@pytest.mark.parametrize(
    "payload", ['{"temperature": 20, "time": "2026-07-15T12:00:00"}', '{"temperature": 20, "time": 1784088000}', "{"]
)
def test_a_retained_message_without_a_certain_time_stamp_is_refused(payload: str) -> None:
    assert Desk().take(CLIMATE, payload, retained=True) == {}


@pytest.mark.parametrize(
    ("said", "time", "status"),
    [
        ("2026-07-15T11:58:00+08:00", NOON - timedelta(minutes=2), OK),
        ("2026-07-10T04:00:00Z", NOON - timedelta(days=5), OK),
        ("1970-01-01T00:00:00Z", NOON, Status.CLOCK_DOUBTFUL),
        ("2027-07-15T04:00:00Z", NOON, Status.CLOCK_DOUBTFUL),
        ("2026-07-15T12:00:00", NOON, Status.CLOCK_DOUBTFUL),
        ("noon", NOON, Status.CLOCK_DOUBTFUL),
    ],
)
def test_a_message_that_carries_its_time_is_stored_at_it_unless_the_device_s_clock_is_wrong(
    said: str, time: datetime, status: Status
) -> None:
    desk = Desk()
    assert desk.take(CLIMATE, f'{{"temperature": 20, "time": "{said}"}}') == {"temperature": (20.0, status)}
    assert next(desk.messages[0].batch.readings()).time == time


def test_a_late_message_does_not_move_the_live_value_back() -> None:
    desk = Desk()
    live = LiveImage(desk.bus)
    desk.take(CLIMATE, '{"temperature": 20}')
    desk.take(CLIMATE, '{"temperature": 30, "time": "2026-07-14T04:00:00Z"}')
    reading = live.get("climate-401.temperature")
    assert reading is not None
    assert reading.value == 20.0


@pytest.mark.parametrize("payload", ["offline", "Offline", '{"state": "offline"}'])
def test_a_device_that_goes_offline_has_no_values_any_more_until_it_speaks(payload: str) -> None:
    desk = Desk()
    live = LiveImage(desk.bus)
    desk.take(CLIMATE, '{"temperature": 20, "humidity": 50}')
    lost = (None, Status.DISCONNECTED)
    assert desk.take(f"{CLIMATE}/availability", payload, retained=True) == {"temperature": lost, "humidity": lost}
    reading = live.get("climate-401.temperature")
    assert reading is not None
    assert reading.status.quality is Quality.BAD
    desk.take(f"{CLIMATE}/availability", payload)
    assert desk.take(f"{CLIMATE}/availability", "online") == {}
    assert desk.take(CLIMATE, '{"temperature": 21}') == {"temperature": (21.0, OK)}
    assert [(status.device, status.up) for status in desk.links] == [("th-401", False), ("th-401", True)]


def test_every_topic_of_the_link_is_subscribed_to_and_no_other() -> None:
    desk = Desk()
    plain = ("site/weather", CLIMATE, "site/r401/window", "site/r401/presence")
    assert set(desk.ingest.topics) == {*plain, *(f"{topic}/availability" for topic in plain)}


def test_subtopics_scales_lists_and_booleans_are_read_as_the_profile_says() -> None:
    profile = Profile.model_validate(
        {
            "profile": "plug", "name": {"zh": "插座"}, "kind": "electricity_meter", "protocol": "mqtt",
            "source": {"document": "test", "grade": "official"},
            "mqtt": [
                {"id": "power", "name": {"zh": "功率"}, "quantity": "active_power", "unit": "W", "subtopic": "sensor",
                 "path": "ENERGY.Power.0"},
                {"id": "energy_import", "name": {"zh": "电能"}, "quantity": "active_energy", "unit": "Wh",
                 "subtopic": "sensor", "path": "ENERGY.Total", "scale": 0.1, "offset": 5, "counter": True},
                {"id": "on", "name": {"zh": "开关"}, "quantity": "state", "enumeration": "off_on",
                 "codes": {"true": "on", "false": "off"}, "subtopic": "state", "path": "output"},
            ],
        }
    )  # fmt: skip
    data = small_site_data()
    data["devices"].append({"id": "plug-1", "profile": "plug", "link": "sensors", "topic": "plugs/1"})
    meter = {"id": "plug", "kind": "electricity_meter", "device": "plug-1", "feeds": {"office": "finance"}}
    data["equipment"].append(meter)
    site = build_site(SiteFile.model_validate(data), {**ProfileLibrary(), "plug": profile})
    desk = Desk(site)
    got = desk.take("plugs/1/sensor", '{"ENERGY": {"Power": [230.5, 1], "Total": 12345}}')
    assert got == {"power": (0.2305, OK), "energy_import": (1.2395, OK)}
    assert desk.take("plugs/1/state", '{"output": false}') == {"on": (0.0, OK)}
    assert desk.take("plugs/1/state", '{"output": true}') == {"on": (1.0, OK)}


def test_no_bad_message_does_more_than_make_its_points_bad() -> None:
    desk = Desk()
    for number, payload in enumerate(NOT_READABLE, start=1):
        got = desk.take(CLIMATE, payload)
        assert got == {"temperature": (None, BAD), "humidity": (None, BAD)}, payload[:80]
        assert sum(desk.ingest.counts.flaws.values()) == number, payload[:80]
    assert desk.take(CLIMATE, '{"temperature": 20}') == {"temperature": (20.0, OK)}


def test_what_is_no_number_is_a_bad_value_with_its_reason() -> None:
    desk = Desk()
    for payload in NO_NUMBER:
        ((value, status),) = desk.take(CLIMATE, payload).values()
        assert value is None, payload[:80]
        assert status in (Status.NOT_A_NUMBER, Status.OUT_OF_RANGE, BAD), payload[:80]


@pytest.mark.parametrize(("payload", "value"), READ)
def test_what_is_odd_and_right_is_read(payload: bytes, value: float) -> None:
    assert Desk().take(CLIMATE, payload) == {"temperature": (value, OK)}


def test_a_message_with_its_own_time_that_comes_twice_is_one_row() -> None:
    desk = Desk()
    stamped = '{"temperature": 20, "time": "2026-07-15T03:59:00Z"}'
    desk.take(CLIMATE, stamped)
    desk.clock.advance(30)
    desk.take(CLIMATE, stamped)
    assert len({(message.batch.time_us, tuple(message.batch.values)) for message in desk.messages}) == 1


def test_a_message_three_days_late_is_stored_at_its_own_time() -> None:
    desk = Desk()
    desk.take(CLIMATE, '{"temperature": 20}')
    desk.take(CLIMATE, '{"temperature": 30, "time": "2026-07-12T04:00:00Z"}')
    assert [next(message.batch.readings()).time for message in desk.messages] == [NOON, NOON - timedelta(days=3)]


def test_messages_above_the_link_s_own_limit_are_refused() -> None:
    data = small_site_data()
    data["links"]["sensors"]["max_payload_bytes"] = 64
    desk = Desk(build_site(SiteFile.model_validate(data), ProfileLibrary()))
    fits = b'{"temperature": 20, "note": "%b"}'
    assert desk.take(CLIMATE, fits % (b"x" * 33)) == {"temperature": (20.0, OK)}
    assert desk.take(CLIMATE, fits % (b"x" * 34))["temperature"] == (None, BAD)
    assert dict(desk.ingest.counts.flaws) == {Flaw.TOO_LARGE: 1}
