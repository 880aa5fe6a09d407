"""A person's wish: taken in, audited, handed over, followed to its end."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from facility.bus import CommandIssued, ForecastReceived, OutcomeReported, ProposalMade
from facility.commands import Actor, Command, Confirmed, Mode, NotEffective, Outcome, Refused, Role, Wish
from facility.text import Text
from tests.api.house import NOW, House, local

pytestmark = pytest.mark.asyncio


def heard_of(house: House) -> list[ProposalMade]:
    heard: list[ProposalMade] = []
    house.bus.listen(ProposalMade, heard.append)
    return heard


async def wish(house: House, role: str = "duty_room", equipment: str = "ac-401", **body: Any) -> Any:
    async with house.client(role) as client:
        return await client.post(f"/api/v1/equipment/{equipment}/commands", json=body)


async def state(house: House, command_id: str) -> dict[str, Any]:
    await house.recorder.flush()
    async with house.client() as client:
        found: dict[str, Any] = (await client.get(f"/api/v1/commands/{command_id}")).json()
    return found


async def test_a_wish_goes_to_the_controller_with_who_why_and_until(house: House) -> None:
    heard = heard_of(house)
    response = await wish(house, on=True, mode="cool", setpoint_c=28, until="2026-07-15T12:00:00+08:00", reason="会议")
    assert response.status_code == 202
    assert heard == [
        ProposalMade(
            id=response.json()["command_id"],
            equipment="ac-401",
            wish=Wish(on=True, mode=Mode.COOL, setpoint_c=28.0),
            actor=Actor(name="the duty_room", role=Role.DUTY_ROOM),
            made=NOW,
            until=local(2026, 7, 15, 12),
            reason="会议",
        )
    ]
    found = await state(house, heard[0].id)
    assert (found["state"], found["actor"], found["reason"]["zh"]) == ("proposed", "the duty_room", "会议")
    audit = house.journal.audits()[0]
    assert (audit.actor.name, audit.action, audit.detail["command"]) == ("the duty_room", "command", heard[0].id)


ENDS = [
    (NOW, local(2026, 7, 15, 17)),
    (local(2026, 7, 15, 17), local(2026, 7, 16)),
    (local(2026, 7, 15, 23, 59), local(2026, 7, 16)),
]


async def test_a_wish_always_ends_with_the_window_or_with_the_day(house: House) -> None:
    heard = heard_of(house)
    for now, end in ENDS:
        house.clock.move_to(now)
        await wish(house, on=False)
        assert heard[-1].until == end, now


def outcome(command_id: str) -> list[tuple[Outcome, str]]:
    where: dict[str, Any] = {"command_id": command_id, "equipment": "ac-401", "at": NOW}
    why = Text("设定温度 24 ℃ 低于 28 ℃", "24 C is below 28 C")
    return [
        (Refused(**where, why=why, clause="AC-10"), "refused"),
        (NotEffective(**where, wanted=Wish(on=True), read=Wish(on=False)), "not_effective"),
        (Confirmed(**where, read=Wish(on=True)), "confirmed"),
    ]


@pytest.mark.parametrize("index", [0, 1, 2])
async def test_its_end_is_told_with_the_clause(house: House, index: int) -> None:
    command_id = (await wish(house, on=True)).json()["command_id"]
    how, expected = outcome(command_id)[index]
    if expected != "refused":
        command = Command(
            id=command_id, equipment="ac-401", wish=Wish(on=True), actor=Actor(name="x"), made=NOW,
            deadline=NOW + timedelta(minutes=2),
        )  # fmt: skip
        house.bus.publish(CommandIssued(command=command))
        assert (await state(house, command_id))["state"] == "sent"
    house.bus.publish(OutcomeReported(outcome=how))
    found = await state(house, command_id)
    assert found["state"] == expected
    if expected == "refused":
        assert (found["clause"], found["why"]["zh"]) == ("AC-10", "设定温度 24 ℃ 低于 28 ℃")


async def test_a_section_operator_operates_the_own_offices_equipment(house: House) -> None:
    assert (await wish(house, "section_operator", "ac-401", on=False)).status_code == 202
    assert (await wish(house, "section_operator", "ac-402", on=False)).status_code == 403
    assert (await wish(house, "viewer", "ac-401", on=False)).status_code == 403


async def test_a_meter_cannot_be_operated(house: House) -> None:
    response = await wish(house, equipment="meter-401", on=True)
    assert (response.status_code, response.json()["code"]) == (422, "not_operable")
    assert (await wish(house, equipment="no-such", on=True)).status_code == 404


async def test_wishes_are_listed_newest_first(house: House) -> None:
    ids = []
    for _ in range(3):
        ids.append((await wish(house, on=False)).json()["command_id"])
        house.clock.advance(60)
    await wish(house, equipment="ac-402", on=False)
    async with house.client() as client:
        rows = (await client.get("/api/v1/commands?equipment=ac-401&limit=2")).json()["rows"]
    assert [row["id"] for row in rows] == [ids[2], ids[1]]


async def forecast(house: House, role: str, **body: Any) -> Any:
    async with house.client(role) as client:
        return await client.post("/api/v1/weather/forecast", json=body)


GOOD: dict[str, Any] = {
    "daily_max_c": {"2026-07-15": 34.0}, "valid_until": "2026-07-15T20:00:00+08:00", "reason": "气象台",
}  # fmt: skip


async def test_a_named_person_enters_a_forecast_with_an_end(house: House) -> None:
    heard: list[ForecastReceived] = []
    house.bus.listen(ForecastReceived, heard.append)
    response = await forecast(house, "admin_section", **GOOD)
    assert response.status_code == 201
    assert (heard[0].provider, heard[0].entered_by, heard[0].valid_until) == (
        "manual", "the admin_section", datetime.fromisoformat("2026-07-15T20:00:00+08:00"),
    )  # fmt: skip
    await house.recorder.flush()
    async with house.client() as client:
        rows = (await client.get("/api/v1/weather/forecast")).json()["rows"]
    assert rows[0]["daily_max_c"] == {"2026-07-15": 34.0}
    assert house.journal.audits()[0].action == "forecast"


WRONG: list[dict[str, Any]] = [
    {**GOOD, "valid_until": "2026-07-15T10:00:00+08:00"},
    {**GOOD, "valid_until": "2026-08-15T10:00:00+08:00"},
    {**GOOD, "valid_until": None},
    {**GOOD, "daily_max_c": {}},
    {**GOOD, "daily_max_c": {"2026-07-14": 34.0}},
    {**GOOD, "daily_max_c": {"today": 34.0}},
    {**GOOD, "daily_max_c": {"2026-07-15": 340.0}},
    {**GOOD, "daily_max_c": {"2026-07-15": "34"}},
    {**GOOD, "reason": ""},
    {**GOOD, "entered_by": "somebody else"},
]


async def test_a_wrong_forecast_is_refused(house: House) -> None:
    for body in WRONG:
        assert (await forecast(house, "admin_section", **body)).status_code == 422, body
    assert (await forecast(house, "duty_room", **GOOD)).status_code == 403
    await house.recorder.flush()
    assert house.journal.forecasts() == []
