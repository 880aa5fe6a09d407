"""Alarms in people's hands over HTTP: states, acts by role, history, notifications."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from controller.alarming.catalogue import catalogue_of
from controller.alarming.consequences import Consequences
from controller.alarming.engine import AlarmEngine
from controller.alarming.flood import FloodGate
from controller.alarming.owners import Owners
from controller.alarming.register import AlarmRegister
from facility.bus import AlarmChanged, NotificationWanted
from facility.bus.messages import AlarmLevel
from facility.journal.alarm_states import SENT, Notification
from facility.text import Text
from tests.api.house import NOW, House, house_of

pytestmark = pytest.mark.asyncio

LINE, METER = "link_down:meters", "device_down:m-401"
API = "/api/v1/alarms"
HOOK: Any = {"notify": {"channels": {"hook": {"type": "webhook", "url": "https://hook.test/"}}}}


@contextlib.asynccontextmanager
async def attended(folder: Path, **site: Any) -> AsyncIterator[House]:
    """A house whose alarms are at work."""
    async with house_of(folder, **site) as house:
        register = AlarmRegister(
            catalogue_of(house.site.file.alarms), Consequences(house.site), Owners(house.site)
        )  # fmt: skip
        engine = AlarmEngine(
            house.bus, house.clock, register, journal=house.journal, flood=FloodGate(more_than=10, minutes=10)
        )
        running = asyncio.create_task(engine.run())
        try:
            async with asyncio.timeout(20):
                while not engine._ready:
                    await asyncio.sleep(0.005)
            yield house
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            engine.close()


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with attended(tmp_path) as made:
        yield made


def say(house: House, key: str, active: bool = True, level: str = "warning", equipment: str | None = None) -> None:
    house.bus.publish(
        AlarmChanged(
            key=key, active=active, level=AlarmLevel(level), at=house.clock.now(), text=Text("坏", "bad"),
            equipment=equipment,
        )
    )  # fmt: skip


async def post(client: httpx.AsyncClient, path: str, **body: Any) -> httpx.Response:
    return await client.post(f"{API}/{path}", json=body)


async def listed(client: httpx.AsyncClient, **query: Any) -> dict[str, str]:
    rows = (await client.get(API, params=query)).json()["rows"]
    return {row["key"]: row["state"] for row in rows}


async def test_an_alarm_says_how_it_stands_who_looks_after_it_and_what_to_do(house: House) -> None:
    say(house, "wall_change:ac-401", equipment="ac-401")
    async with house.client() as client:
        (row,) = (await client.get(API, params={"active": True})).json()["rows"]
    assert {name: row[name] for name in ("key", "level", "text", "equipment", "since", "until")} == {
        "key": "wall_change:ac-401", "level": "warning", "text": {"zh": "坏", "en": "bad"}, "equipment": "ac-401",
        "since": NOW.isoformat(), "until": None,
    }  # fmt: skip
    assert (row["state"], row["abnormal"], row["condition"]) == ("unacknowledged", True, "wall_change")
    assert row["owner"] == {"zh": "财务科", "en": "Finance"}
    assert row["advice"]["zh"]


async def test_a_duty_room_acknowledges_and_the_history_says_who_and_why(house: House) -> None:
    say(house, METER)
    async with house.client("duty_room") as client:
        answer = await post(client, f"{METER}/acknowledge", note="去看了")
        assert (answer.status_code, answer.json()["state"]) == (202, "acknowledged")
        assert answer.json()["acknowledged_by"] == "the duty_room"
        again = await post(client, f"{METER}/acknowledge")
        assert (again.status_code, again.json()["code"]) == (409, "wrong_state")
        say(house, METER, False)
        assert await listed(client, active=True) == {}
        async with asyncio.timeout(20):
            while len((await client.get(f"{API}/{METER}/history")).json()["rows"]) < 3:
                await asyncio.sleep(0.01)
        rows = (await client.get(f"{API}/{METER}/history")).json()["rows"]
        assert [(row["before"], row["state"], row["by"], row["note"]) for row in rows] == [
            ("acknowledged", "normal", None, ""),
            ("unacknowledged", "acknowledged", "the duty_room", "去看了"),
            ("normal", "unacknowledged", None, ""),
        ]
        as_file = await client.get(f"{API}/{METER}/history", params={"format": "csv"})
        assert as_file.headers["content-type"].startswith("text/csv")
        assert "去看了" in as_file.text
    assert [audit.action for audit in house.journal.audits()] == ["alarm acted on"]


@pytest.mark.parametrize("role", ["viewer", "section_operator"])
@pytest.mark.parametrize("act", ["acknowledge", "shelve", "unshelve", "out-of-service", "in-service"])
async def test_who_is_below_the_duty_room_does_nothing_to_alarms(house: House, role: str, act: str) -> None:
    say(house, METER)
    async with house.client(role) as client:
        assert (await post(client, f"{METER}/{act}")).status_code == 403
        assert await listed(client, active=True) == {METER: "unacknowledged"}


async def test_a_shelving_has_an_end_and_a_reason(house: House) -> None:
    say(house, METER)
    until = NOW + timedelta(hours=2)
    async with house.client("duty_room") as client:
        wrong = (
            {"note": "等配件"}, {"until": until.isoformat()}, {"until": until.isoformat(), "note": " "},
            {"until": NOW.isoformat(), "note": "x"}, {"until": (NOW + timedelta(days=9)).isoformat(), "note": "x"},
            {"until": "2026-07-15T12:00:00", "note": "x"},
        )  # fmt: skip
        for body in wrong:
            assert (await post(client, f"{METER}/shelve", **body)).status_code == 422, body
        made = (await post(client, f"{METER}/shelve", until=until.isoformat(), note="等配件")).json()
        assert (made["state"], made["note"], made["hidden_until"]) == ("shelved", "等配件", until.isoformat())
        assert await listed(client, state="shelved") == {METER: "shelved"}
        assert (await post(client, f"{METER}/acknowledge")).status_code == 409
        assert (await post(client, f"{METER}/unshelve")).json()["state"] == "unacknowledged"


async def test_equipment_is_taken_out_of_service_as_a_whole(house: House) -> None:
    say(house, METER)
    async with house.client("admin_section") as client:
        answer = await post(client, "maintenance:m-401/out-of-service", note="换表")
        assert (answer.status_code, answer.json()["state"]) == (202, "out_of_service")
        assert await listed(client, state="out_of_service") == {
            "maintenance:m-401": "out_of_service", METER: "out_of_service",
        }  # fmt: skip
        assert (await post(client, "maintenance:nothing/out-of-service", note="x")).status_code == 404
        assert (await post(client, "maintenance:m-401/acknowledge")).status_code == 409
        assert (await post(client, "maintenance:m-401/in-service")).status_code == 202
        assert await listed(client, state="out_of_service") == {}


async def test_filters_by_state_level_and_equipment(house: House) -> None:
    say(house, LINE, level="serious")
    say(house, METER)
    say(house, "wall_change:ac-401", equipment="ac-401")
    async with house.client() as client:
        assert await listed(client, state="suppressed") == {METER: "suppressed"}
        assert set(await listed(client, active=True)) == {LINE, METER, "wall_change:ac-401"}
        assert set(await listed(client, active=True, level="serious")) == {LINE}
        assert set(await listed(client, active=True, equipment="ac-401")) == {"wall_change:ac-401"}
        assert (await client.get(API, params={"state": "strange"})).status_code == 422
        say(house, LINE, False)
        assert await listed(client, state="returned") == {LINE: "returned"}
        table = await client.get(API, params={"active": True, "format": "csv", "lang": "zh"})
        assert "suppressed" in table.text


async def test_the_board_shows_what_nobody_has_hidden(house: House) -> None:
    say(house, LINE)
    say(house, METER)
    async with house.client() as client:
        board = (await client.get("/api/v1/board")).json()
    assert [(alarm["key"], alarm["state"]) for alarm in board["alarms"]] == [(LINE, "unacknowledged")]


async def test_what_was_never_said_is_not_there(house: House) -> None:
    async with house.client("duty_room") as client:
        assert (await client.get(f"{API}/nothing:x/history")).status_code == 404
        assert (await post(client, "nothing:x/acknowledge")).status_code == 404


async def test_what_a_site_switched_off_is_in_no_list(tmp_path: Path) -> None:
    async with attended(tmp_path, alarms={"off": ["device_down"]}) as house, house.client() as client:
        say(house, METER)
        assert await listed(client, active=True) == {}


async def test_how_alarms_stand_is_known_again_after_a_restart(tmp_path: Path) -> None:
    async with attended(tmp_path) as house:
        say(house, METER)
        async with house.client("duty_room") as client:
            await post(client, f"{METER}/acknowledge")
    async with house_of(tmp_path) as again, again.client() as client:
        assert await listed(client, active=True) == {METER: "acknowledged"}


async def test_notifications_are_listed_and_a_trial_is_sent(tmp_path: Path) -> None:
    async with house_of(tmp_path, **HOOK) as house:
        document = {"kind": "raised", "key": METER, "level": "serious", "text": ["坏", "bad"]}
        house.journal.alarm_states.keep([
            Notification(about="x", channel="hook", made=NOW, document=document, state=SENT, tries=1, ended=NOW)
        ])  # fmt: skip
        wanted: list[NotificationWanted] = []
        house.bus.listen(NotificationWanted, wanted.append)
        async with house.client("admin_section") as client:
            found = (await client.get("/api/v1/notifications", params={"state": "sent"})).json()
            assert found["channels"] == ["hook"]
            assert [(row["key"], row["state"], row["tries"]) for row in found["rows"]] == [(METER, "sent", 1)]
            assert (await client.get("/api/v1/notifications", params={"state": "waiting"})).json()["rows"] == []
            table = await client.get("/api/v1/notifications", params={"format": "csv", "lang": "en"})
            assert "bad" in table.text
            sent = await client.post("/api/v1/notifications/test", json={})
            assert (sent.status_code, sent.json()) == (202, {"channels": ["hook"]})
            assert (await client.post("/api/v1/notifications/test", json={"channel": "x"})).status_code == 404
        assert [message.channel for message in wanted] == [None]


async def test_without_channels_there_is_nothing_to_try(house: House) -> None:
    async with house.client("admin_section") as client:
        answer = await client.post("/api/v1/notifications/test", json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_channels")
