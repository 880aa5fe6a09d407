"""What the alarms' own looks find: limits on points, silent devices, slow lines, memory, clock, office."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.alarming.catalogue import catalogue_of
from controller.alarming.findings import Crier, Finding
from controller.alarming.lines import LinesLook
from controller.alarming.office import CalendarLook, FilingLook
from controller.alarming.points import PointLook
from controller.alarming.program import ClockLook, Memories, MemoryLook
from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmChanged
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import Actor, Role
from facility.filings import Filing, FilingKind, FilingState, Scope
from facility.journal import Journal
from facility.live import LiveImage
from facility.model import SiteFile, build_site
from facility.model.alarm_entries import AlarmsEntry
from facility.profiles import ProfileLibrary
from facility.readings import Batch, Status, to_us
from facility.text import Text
from tests.sites import small_site, small_site_data

SITE = small_site()
T0 = datetime(2026, 7, 15, 2, tzinfo=UTC)
WORDS = {"name": {"zh": "甲", "en": "A"}, "advice": {"zh": "看", "en": "look"}, "level": "warning"}


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


class Points:
    """A look at points with the lines of a ledger. It is off hours from minute 100 on."""

    def __init__(self, **entry: Any) -> None:
        conditions = tuple(catalogue_of(AlarmsEntry.model_validate(entry)).watched())
        self.live = LiveImage(InProcessBus())
        self.look = PointLook(SITE, conditions, self._counts, self.live, T0)

    def _counts(self, hours: str, now: datetime) -> bool:
        return hours != "off_hours" or now >= at(100)

    def read(self, minute: float, point: str, value: float | None, status: Status = Status.GOOD) -> list[str]:
        batch = Batch(time_us=to_us(at(minute)), points=(point,), values=(value,), statuses=(status,))
        self.look.take(batch)
        return self.at(minute)

    def at(self, minute: float) -> list[str]:
        return sorted(finding.key for finding in self.look.findings(at(minute)))


def test_a_limit_of_zero_is_a_limit_and_no_value_is_no_value() -> None:
    own = {**WORDS, "id": "warm", "select": {"points": ["climate-401.temperature"]}, "limits": {"above": 0.0}}
    points = Points(own=[own])
    point = "climate-401.temperature"
    assert points.at(0) == []
    assert points.read(1, point, 0.0) == []
    assert points.read(2, point, 0.1) == ["warm:climate-401"]
    assert points.read(3, point, None, Status.TIMEOUT) == ["warm:climate-401"]
    assert points.read(1.5, point, -5.0) == ["warm:climate-401"]  # late: passed over
    assert points.read(4, point, -5.0, Status.OUT_OF_RANGE) == ["warm:climate-401"]
    assert points.read(5, point, -5.0) == []


def test_power_after_hours_counts_after_hours_only() -> None:
    points = Points(change={"standby_power": {"limits": {"above": 0.3}}})
    assert points.read(0, "meter-401.power", 0.4) == []
    assert points.at(99) == []
    assert points.at(100) == ["standby_power:meter-401"]
    assert points.read(101, "meter-401.power", 0.26) == ["standby_power:meter-401"]
    assert points.read(102, "meter-401.power", 0.25) == []
    assert points.read(103, "main-meter.power", 99.0) == []


def test_a_heater_is_seen_beside_running_air_conditioning_of_the_same_office_only() -> None:
    points = Points(change={"heater_with_ac": {"besides_limits": {"above": 1.0}}})
    points.read(0, "meter-402.power", 2.0)
    assert points.read(1, "ac-401.on", 1.0) == []
    points.read(2, "meter-401.power", 2.0)
    assert points.at(2) == ["heater_with_ac:ac-401"]
    assert points.read(3, "ac-401.on", 0.0) == []


def test_silence_is_counted_from_the_last_good_reading() -> None:
    own = {**WORDS, "id": "mute", "select": {"points": ["meter-401.power"]}, "limits": {"silent_minutes": 10}}
    points = Points(own=[own])
    assert points.at(10) == []
    assert points.at(10.1) == ["mute:meter-401"]
    assert points.read(11, "meter-401.power", 0.0) == []
    points.read(20, "meter-401.power", None, Status.TIMEOUT)
    assert points.at(21) == []
    assert points.at(21.1) == ["mute:meter-401"]


def test_the_text_says_what_was_read_and_the_limit() -> None:
    points = Points(change={"big_load": {"limits": {"above": 3.0}}})
    points.read(1, "meter-401.power", 3.5)
    (finding,) = points.look.findings(at(1))
    assert "3.5 kW" in finding.text.zh
    assert "limit 3 kW" in finding.text.en
    assert finding.equipment == "meter-401"


def test_water_that_flows_all_night_is_seen_by_its_counter() -> None:
    data = small_site_data()
    data["devices"].append({"id": "wm", "profile": "kaifeng_xintai_water", "link": "meters", "unit": 20})
    data["equipment"].append({"id": "water", "kind": "water_meter", "device": "wm", "feeds": {"building": "main"}})
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    conditions = tuple(
        catalogue_of(AlarmsEntry.model_validate({"change": {"night_water": {"limits": {"above": 0.0}}}})).watched()
    )
    look = PointLook(site, conditions, lambda hours, now: True, LiveImage(InProcessBus()), T0)  # noqa: ARG005
    (point,) = [
        watched.point.id
        for condition in look._conditions
        for watched in condition.points
        if condition.entry.id == "night_water"
    ]
    for minute, value in ((0, 100.0), (60, 100.0), (120, 100.2)):
        look.take(Batch(time_us=to_us(at(minute)), points=(point,), values=(value,)))
        found = [finding.key for finding in look.findings(at(minute))]
        assert found == ([] if minute < 120 else ["night_water:water"])


@pytest.mark.asyncio
async def test_a_device_that_answers_nothing_usable_and_a_line_that_comes_late() -> None:
    bus, clock = InProcessBus(), ManualClock(T0)
    live = LiveImage(bus)
    look = LinesLook(SITE, live, clock, minutes=30, percent=30, periods=4)
    points = [point.id for device in ("m-main", "m-401", "m-402") for point in SITE.points_of_device(device)]

    def answer(minute: float, values: float | None, of: list[str]) -> None:
        status = Status.GOOD if values is not None else Status.NOT_A_NUMBER
        batch = Batch(time_us=to_us(at(minute)), points=of, values=[values] * len(of), statuses=[status] * len(of))
        bus.publish(ReadingsTaken(batch=batch))

    meter = [point for point in points if point.startswith("meter-401")]
    answer(0, 0.0, points)
    assert [finding.key for finding in await look.look(at(0.1))] == []
    answer(30, 0.0, [point for point in points if point not in meter])
    answer(30, None, meter)
    found = {finding.key for finding in await look.look(at(30.1))}
    assert "points_silent:m-401" in found
    assert "points_silent:m-402" not in found
    assert "line_overdue:meters" not in found
    assert "line_overdue:plant" in found  # nobody was asked there for half an hour
    assert "line_overdue:meters" in {finding.key for finding in await look.look(at(60))}


class Writer:
    def __init__(self, waiting: int, *, away: bool) -> None:
        self.waiting, self.capacity, self.away = waiting, 100, away


@pytest.mark.asyncio
async def test_a_store_that_takes_nothing_and_a_spool_that_fills() -> None:
    for writer, expected in (
        (Writer(0, away=False), []),
        (Writer(0, away=True), ["store_away"]),
        (Writer(79, away=True), ["store_away"]),
        (Writer(80, away=True), ["store_away", "spool:store"]),
        (Writer(100, away=False), ["spool:store"]),
    ):
        look = MemoryLook(Memories(store=writer), percent=80)
        assert [finding.key for finding in await look.look(T0)] == expected
    assert [f.key for f in await MemoryLook(Memories(records=Writer(99, away=True)), percent=None).look(T0)] == [
        "records_away"
    ]


class Wall(ManualClock):
    pace: float = 1.0


@pytest.mark.asyncio
async def test_a_clock_that_jumps_or_drifts_is_seen_against_one_that_nobody_sets() -> None:
    clock, steady = Wall(T0), [0.0]
    look = ClockLook(clock, jump_s=30, drift_s_per_hour=5, steady=lambda: steady[0])

    async def after(wall_s: float, steady_s: float) -> list[str]:
        clock.advance(wall_s)
        steady[0] += steady_s
        return [finding.key for finding in await look.look(clock.now())]

    assert await after(10, 10) == []
    assert await after(39, 10) == []
    assert await after(40, 10) == ["clock_jump"]
    assert await after(10, 10) == []
    assert await after(0, 100) == ["clock_jump"]
    assert await after(3600, 3600) == ["clock_drift"]  # 29 seconds went wrong before without a jump
    assert await after(3600, 3600) == []
    assert await ClockLook(ManualClock(T0), jump_s=1, drift_s_per_hour=1).look(T0) == []


@pytest.mark.asyncio
async def test_a_year_that_nobody_entered_is_missing_from_november_on() -> None:
    look = CalendarLook(Calendar(), SITE)
    assert await look.look(datetime(2026, 10, 31, tzinfo=UTC)) == []
    assert [f.key for f in await look.look(datetime(2026, 11, 1, tzinfo=UTC))] == ["calendar_missing:2027"]


@pytest.mark.asyncio
async def test_a_filing_that_is_about_to_begin_undecided_is_told(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    clerk = Actor(name="科员", role=Role.SECTION_OPERATOR, office="finance")
    asked = Filing(
        id=0, kind=FilingKind.EXCEPTION, state=FilingState.SUBMITTED, applicant=clerk, filed_at=T0, start=at(90),
        end=at(300), scope=Scope(spaces=frozenset({"r401"})), office="finance", reason="加班",
    )  # fmt: skip
    journal.filings.enter([asked], actor=clerk, at=T0)
    look = FilingLook(journal, SITE, minutes=60)
    ledger = [[finding.key for finding in await look.look(at(minute)) or ()] for minute in (0, 30, 31, 299, 300)]
    assert ledger == [[], [], ["filing_lapsing:1"], ["filing_lapsing:1"], []]
    journal.filings.decide(1, approve=True, actor=Actor(name="行政科长", role=Role.ADMIN_SECTION), note="", at=at(40))
    assert await look.look(at(80)) == []
    assert await FilingLook(journal, SITE, minutes=None).look(at(31)) == []
    journal.close()


def test_a_crier_says_what_is_new_and_what_is_over_once() -> None:
    bus = InProcessBus()
    said: list[str] = []
    bus.listen(AlarmChanged, lambda message: said.append(f"{message.key} {message.active}"))
    crier = Crier(bus=bus)
    crier.take_over(["old"])
    for keys in (["a"], ["a", "b"], ["b"], []):
        crier.say([Finding(key=key, text=Text("坏", "bad")) for key in keys], T0)
    assert said == ["a True", "old False", "b True", "a False", "b False"]
