"""A site file that changes while everything runs."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from ruamel.yaml import YAML

from facility.bus import LeaseChanged
from facility.errors import LinkDown, StoreUnavailable
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.site_file_events import APPLIED, REFUSED
from gateway.changes import is_same_line, is_same_weather
from houqin.reload import Reloader, SiteFiles, wants_everything_anew
from houqin.site_changes import changes
from tests.houqin.standing import Standing, standing, until
from tests.servers import mosquitto
from tests.sites import small_site, small_site_data

Change = Callable[[dict[str, Any]], object]


def changed(change: Change) -> Site:
    """The small site, changed."""
    data = small_site_data()
    change(data)
    return build_site(SiteFile.model_validate(data), ProfileLibrary())


LINES: list[tuple[str, Change, set[str]]] = [
    ("nothing", lambda _: None, set()),
    ("an office's headcount", lambda data: data["offices"][0].update(headcount=9), set()),
    ("a baud rate", lambda data: data["links"]["meters"].update(baudrate=19200), {"meters"}),
    ("a transformer ratio", lambda data: data["devices"][1].update(ct_ratio=40), {"meters"}),
    ("a device less", lambda data: data["equipment"].remove(data["equipment"][6]), {"meters"}),
    ("a poll period", lambda data: data.update(polls={"fast_s": 1}), {"plant", "meters", "sensors"}),
    ("a topic", lambda data: data["devices"][4].update(topic="roof/weather"), {"sensors"}),
]


@pytest.mark.parametrize(("change", "anew"), [row[1:] for row in LINES], ids=[row[0] for row in LINES])
def test_only_the_lines_that_a_change_touches_are_made_anew(change: Change, anew: set[str]) -> None:
    before, after = small_site(), changed(change)
    assert {link for link in after.links if not is_same_line(before, after, link)} == anew


def test_a_line_that_is_new_is_not_the_same() -> None:
    after = changed(lambda data: data["links"].update(more={"type": "modbus_tcp", "host": "127.0.0.1", "port": 1999}))
    assert not is_same_line(small_site(), after, "more")


def test_forecasts_go_on_unless_weather_or_place_changed() -> None:
    assert is_same_weather(small_site(), changed(lambda data: data["offices"][0].update(headcount=9)))
    assert not is_same_weather(small_site(), changed(lambda data: data["weather"].update(rain=[])))


def test_what_memory_and_lease_stand_on_wants_everything_anew() -> None:
    wanted = changed(lambda data: data.update(control={"lease_s": 40}, store={"retention": {"states_days": 400}}))
    assert wants_everything_anew(small_site(), wanted) == ("store", "control.lease_s")
    assert wants_everything_anew(small_site(), small_site()) == ()


def test_files_have_changed_when_they_say_something_else(tmp_path: Path) -> None:
    site, profiles = tmp_path / "site.yaml", tmp_path / "profiles"
    site.write_text("a: 1", encoding="utf-8")
    files = SiteFiles(site)
    assert not files.has_changed()
    os.utime(site, (1, 1))
    assert not files.has_changed()  # touched, and says the same
    site.write_text("a: 2", encoding="utf-8")
    assert files.has_changed()
    profiles.mkdir()
    (profiles / "own.yaml").write_text("profile: own", encoding="utf-8")
    assert files.has_changed()
    site.unlink()
    assert files.has_changed()
    assert not files.has_changed()


def test_what_is_no_file_is_not_waited_for(tmp_path: Path) -> None:
    site = tmp_path / "site.yaml"
    site.write_text("a: 1", encoding="utf-8")
    (tmp_path / "profiles.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    assert not SiteFiles(site).has_changed()


def test_a_change_of_what_is_operated_or_who_may_read_is_told_word_by_word() -> None:
    def opened(data: dict[str, Any]) -> None:
        data["site"]["public_read"] = True
        data["control"] = {"mode": "shadow", "lease_s": 40}
        data["offices"][0]["headcount"] = 9

    assert changes(small_site(), changed(opened)) == {
        "sections": ["site", "control", "offices"],
        "changes": {
            "site.public_read": {"before": False, "after": True},
            "control.mode": {"before": "act", "after": "shadow"},
            "control.lease_s": {"before": 15.0, "after": 40.0},
        },
    }
    assert changes(small_site(), small_site()) == {"sections": [], "changes": {}}


@pytest_asyncio.fixture
async def building(tmp_path: Path) -> AsyncIterator[Standing]:
    with mosquitto(tmp_path) as broker:
        async with standing(tmp_path / "data", broker.port) as here:
            yield here


def written(path: Path, site: Site, change: Change) -> None:
    """The site's file, changed, on disk."""
    data = site.file.model_dump(mode="json", exclude_unset=True, by_alias=True)
    change(data)
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(data, file)


@pytest.mark.server
@pytest.mark.asyncio
async def test_a_running_house_goes_on_with_a_changed_site(building: Standing, tmp_path: Path) -> None:
    here, path = building, tmp_path / "site.yaml"
    epochs: list[int] = []
    here.memory.bus.listen(LeaseChanged, lambda message: epochs.append(message.epoch))
    connections = {name: list(server._connections) for name, server in here.serving.lines.items()}

    def change(data: dict[str, Any]) -> None:
        data["links"]["meters"]["baudrate"] = 19200
        data["offices"].append({"id": "archive-office", "name": {"zh": "档案科"}, "headcount": 2, "area_m2": 20.0})
        data["policy"] = {"parameters": {"window": "08:30-16:30"}}

    written(path, here.site, lambda _: None)
    reloader = Reloader(path, here.rooms, here.context, as_run=lambda site: site)
    await reloader.look()
    assert here.memory.journal.events(APPLIED) == []

    written(path, here.site, change)
    await reloader.look()
    assert reloader.successor is None
    applied = here.memory.journal.events(APPLIED)[0].data
    assert applied == {"lines": ["meters"], "sections": ["policy", "offices", "links"], "changes": {}}
    offices = [office["id"] for office in (await here.get("/site"))["offices"]]
    assert "archive-office" in offices
    await here.goes_on_without(set())
    assert here.serving.lines["plant"]._connections == connections["plant"]  # the same connection, all the time
    assert here.serving.lines["meters"]._connections != connections["meters"]

    async def keeps_the_new_window() -> bool:
        envelope = here.context.latest.envelopes.get("ac-401")
        return envelope is not None and envelope.may_run_until is not None and (
            envelope.may_run_until.astimezone(here.site.zone).strftime("%H:%M") == "16:30"
        )  # fmt: skip

    await until(keeps_the_new_window, "the new window in the envelope")
    assert len(set(epochs)) <= 1  # nobody else had the lease meanwhile


@pytest.mark.server
@pytest.mark.asyncio
async def test_a_file_with_mistakes_changes_nothing_and_says_why(building: Standing, tmp_path: Path) -> None:
    here, path = building, tmp_path / "site.yaml"
    reloader = Reloader(path, here.rooms, here.context, as_run=lambda site: site)
    before = here.rooms.site

    def mistaken(data: dict[str, Any]) -> None:
        data["links"]["meters"]["baudrat"] = 19200
        data["offices"][0]["headcount"] = 60

    written(path, here.site, mistaken)
    await reloader.look()
    assert here.rooms.site is before
    (refused,) = here.memory.journal.events(REFUSED)
    assert refused.data["errors"] == 1
    assert "baudrat" in refused.data["problems"][0]["zh"]
    text = (await here.alarms())["site_file"]
    assert "site.yaml:" in text["en"]
    assert "baudrate" in text["en"]  # what was probably meant
    assert "未采用" in text["zh"]
    await here.goes_on_without(set())

    written(path, here.site, lambda _: None)
    await reloader.look()
    assert "site_file" not in await here.alarms()


@pytest.mark.server
@pytest.mark.asyncio
async def test_a_line_taken_out_takes_its_alarm_with_it(building: Standing, tmp_path: Path) -> None:
    here, path = building, tmp_path / "site.yaml"
    await here.serving.lines["meters"].stop()

    async def down() -> bool:
        return "link_down:meters" in await here.alarms()

    await until(down, "the line's alarm")

    def without_meters(data: dict[str, Any]) -> None:
        del data["links"]["meters"]
        data["devices"] = [each for each in data["devices"] if each["link"] != "meters"]
        data["equipment"] = [each for each in data["equipment"] if not each["kind"].endswith("_meter")]

    written(path, here.site, without_meters)
    await Reloader(path, here.rooms, here.context, as_run=lambda site: site).look()
    assert "link_down:meters" not in await here.alarms()
    assert "main-meter.energy_import" not in await here.live()


@pytest.mark.server
@pytest.mark.asyncio
async def test_a_change_that_wants_everything_anew_is_entered_too(building: Standing, tmp_path: Path) -> None:
    here, path = building, tmp_path / "site.yaml"
    written(path, here.site, lambda data: data.update(control={"mode": "shadow", "lease_s": 40}))
    reloader = Reloader(path, here.rooms, here.context, as_run=lambda site: site)
    await reloader.look()
    assert reloader.successor is not None
    (applied,) = here.memory.journal.events(APPLIED)
    assert applied.data["changes"]["control.mode"] == {"before": "act", "after": "shadow"}


@pytest.mark.server
@pytest.mark.asyncio
async def test_records_that_are_away_leave_everything_running_and_the_change_is_made_later(
    building: Standing, tmp_path: Path
) -> None:
    here, path = building, tmp_path / "site.yaml"
    written(path, here.site, lambda data: data["links"]["meters"].update(baudrate=19200))
    reloader = Reloader(path, here.rooms, here.context, as_run=lambda site: site)
    journal = here.memory.journal
    almanac, journal.almanac = journal.almanac, Away()  # type: ignore[assignment]
    with pytest.raises(StoreUnavailable):
        await reloader.look()
    journal.almanac = almanac
    assert here.rooms.site is here.site
    await decides(here)
    await reloader.look()
    assert here.rooms.site.links["meters"] != here.site.links["meters"]
    await decides(here)


@pytest.mark.server
@pytest.mark.asyncio
async def test_a_change_that_the_gateway_fails_at_leaves_no_unit_without_a_controller(
    building: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, path = building, tmp_path / "site.yaml"
    written(path, here.site, lambda data: data["links"]["meters"].update(baudrate=19200))

    async def fails(_: Site) -> tuple[str, ...]:
        raise LinkDown("made to fail")

    monkeypatch.setattr(here.rooms.gateway, "adopt", fails)
    with pytest.raises(LinkDown):
        await Reloader(path, here.rooms, here.context, as_run=lambda site: site).look()
    assert here.rooms.site is here.site
    await decides(here)


class Away:
    """The almanac of a journal whose server does not answer."""

    def standing(self) -> None:
        raise StoreUnavailable("away")


async def decides(here: Standing) -> None:
    """Returns when the controller has renewed an envelope from now on."""
    begun = here.context.latest.envelopes.pop("ac-401", None)

    async def renewed() -> bool:
        envelope = here.context.latest.envelopes.get("ac-401")
        return envelope is not None and (begun is None or envelope.valid_until > begun.valid_until)

    await until(renewed, "a controller that decides")
