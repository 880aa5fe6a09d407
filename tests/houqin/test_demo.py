"""`houqin demo` as somebody meets it who has just installed it: a process, a page, a past, and a day that goes by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from controller.policy.library import presets
from tests.houqin.operating import Child, Visitor, until
from tests.servers import accepts, free_port

pytestmark = [pytest.mark.server, pytest.mark.timeout(150)]

PAGE_WITHIN_S = 60.0
YESTERDAY, TODAY = "2026-07-09", "2026-07-10"
DOCUMENTS = {clause.document for preset in presets().values() for clause in preset.clauses.values()}
TITLES = re.compile(rf"(?:{'|'.join(map(re.escape, sorted(DOCUMENTS, key=len, reverse=True)))})[^,);]*")
"""Titles of documents stay as they are in an English sentence."""
STOPPING_CLASSES = ("office", "meeting", "public")


class Demo:
    """One demonstration; reading needs no token."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        place = ("--port", str(self.port), "--data", str(folder / "data"))
        self.child = Child(folder, "demo", "demo", "--no-browser", *place, *options)
        try:
            until(self.answers, "the page", PAGE_WITHIN_S)
        except BaseException:
            self.child.end()
            raise

    def answers(self) -> bool:
        assert self.child.process.poll() is None, self.child.complained[-2000:]
        if not accepts(self.port):
            return False
        with self.visitor() as visitor:
            try:
                return "<html" in visitor.http.get("/").text
            except httpx.TimeoutException:  # it listens, and is still busy with its beginning
                return False

    def visitor(self) -> Visitor:
        return Visitor(self.address)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A day of past and the present at the pace of life."""
    shown = Demo(tmp_path_factory.mktemp("demo"), "--days", "1", "--speed", "1")
    try:
        yield shown
    finally:
        shown.child.end()


@pytest.fixture(scope="module")
def past(demo: Demo) -> Demo:
    """The same once yesterday has been made."""
    demo.child.wait_said("history 2/2 days (100%)", 90.0)
    return demo


def test_live_values_come_over_the_wire(demo: Demo) -> None:
    with demo.visitor() as visitor:
        until(lambda: all(point["quality"] == "good" for point in visitor.live().values()), "every point good", 90.0)
        assert len(visitor.live()) >= 1000


def test_reading_is_open_and_operating_needs_the_token_it_printed(demo: Demo) -> None:
    token = demo.child.word_after("token to operate with (administrator) ")
    with demo.visitor() as stranger, Visitor(demo.address, token) as keeper:
        unit = next(item["id"] for item in equipment(stranger) if item["kind"] == "indoor_unit")
        assert stranger.http.post(f"/api/v1/equipment/{unit}/commands", json={"on": False}).status_code == 401
        order = keeper.order(unit, on=False, reason="not needed")
        ended = ("confirmed", "refused", "not_effective", "unreachable", "expired")
        until(lambda: keeper.get(f"/commands/{order}")["state"] in ended, "an end of the order")
        assert keeper.get(f"/commands/{order}")["state"] == "confirmed"


def test_yesterday_is_told_by_office_and_adds_up_to_the_main_meter(past: Demo) -> None:
    with past.visitor() as visitor:
        offices = usage(visitor, "office")
        whole = usage(visitor, "meter")["main-meter"]
        assert "unallocated" in offices
        assert len(offices) >= 19
        assert all(value is not None and value > 0 for value in offices.values()), offices
        assert sum(offices.values()) == pytest.approx(whole, rel=0.005)


def usage(visitor: Visitor, by: str) -> dict[str, float]:
    """Yesterday's electricity, kWh by key."""
    answer = visitor.get("/usage", by=by, medium="electricity", start=YESTERDAY, end=TODAY, every="day")
    assert answer["unit"] == "kWh"
    return {row["key"]: row["value"] for row in answer["rows"]}


def test_yesterdays_decisions_say_why_in_both_languages(past: Demo) -> None:
    with past.visitor() as visitor:
        rows = visitor.get("/decisions", start=YESTERDAY, end=TODAY, limit=5000)["rows"]
    assert {row["time"][:10] for row in rows} == {YESTERDAY}
    assert len({row["equipment"] for row in rows}) >= 26
    for row in rows:
        assert has_chinese(row["sentence"]["zh"]), row
        assert not has_chinese(TITLES.sub("", row["sentence"]["en"])), row
        assert row["reasons"], row
    assert any("AC-05" in row["sentence"]["zh"] for row in rows)


def has_chinese(text: str) -> bool:
    return any("一" <= letter <= "鿿" for letter in text)


def equipment(visitor: Visitor) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = visitor.get("/site")["equipment"]
    return rows


def units_that_stop(visitor: Visitor) -> list[str]:
    """Units of rooms whose class has to be off after hours."""
    site = visitor.get("/site")
    floors = [floor for building in site["buildings"] for floor in building["floors"]]
    classes = {space["id"]: space["zone_class"] for floor in floors for space in floor["spaces"]}
    units = [item for item in site["equipment"] if item["kind"] == "indoor_unit"]
    return [unit["id"] for unit in units if classes[unit["serves"][0]] in STOPPING_CLASSES]


def ran(visitor: Visitor, unit: str) -> bool:
    """Whether it was seen running this afternoon; on a busy machine the first look may come after five."""
    afternoon = {"start": f"{TODAY}T15:50", "end": f"{TODAY}T18:00"}
    return any(row["value"] == 1 for row in visitor.get(f"/points/{unit}.on/history", **afternoon)["rows"])


def states(visitor: Visitor, units: list[str]) -> list[float | None]:
    """Whether they run, as /live tells it."""
    live = visitor.live()
    return [live[f"{unit}.on"]["value"] for unit in units]


def is_off_by_the_hours(visitor: Visitor, unit: str) -> bool:
    """Whether the decision in force is that it is off, and says why."""
    told = visitor.get(f"/equipment/{unit}/decision")
    return told["effective"]["on"] is False and "AC-05" in {reason["clause"] for reason in told["reasons"]}


def test_at_five_every_unit_of_an_office_goes_off_and_says_why_and_ctrl_c_ends_the_day(tmp_path: Path) -> None:
    demo = Demo(tmp_path, "--days", "3", "--speed", "600", "--start", "2026-07-10T15:50")
    try:
        with demo.visitor() as visitor:
            watched = units_that_stop(visitor)
            assert len(watched) >= 20
            until(lambda: visitor.get("/health")["time"][11:16] >= "17:05", "five past five")
            until(lambda: set(states(visitor, watched)) == {0.0}, "every unit off")
            assert any(ran(visitor, unit) for unit in watched), "nothing was switched off that day"
            for unit in watched:
                until(partial(is_off_by_the_hours, visitor, unit), f"{unit} decided to be off by AC-05")
        assert "(100%)" not in demo.child.said, "it still makes its past"
        assert demo.child.interrupt() == 0
        assert not accepts(demo.port)
        assert "Traceback" not in demo.child.complained, demo.child.complained
    finally:
        demo.child.end()
