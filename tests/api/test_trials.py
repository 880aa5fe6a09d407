"""Trials over HTTP: asked for, made by the controller room in a process of its own, cancelled, listed, as a file."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from controller.policy.site_policy import load_policy
from controller.replay.desk import TrialDesk
from facility.bus import ForecastReceived, TrialWanted
from facility.commands import Actor, Role
from facility.trials import PolicyChoice, TrialRequest, TrialState
from tests.api.house import House

pytestmark = pytest.mark.asyncio

ASKED: dict[str, Any] = {
    "first": "2026-07-14", "last": "2026-07-14",
    "policies": [{"name": "现行"}, {"name": "33 度", "policy": {"parameters": {"cooling_permit_c": 33.0}}}],
}  # fmt: skip
CLERK = Actor(name="行政科", role=Role.ADMIN_SECTION)


def desk_of(house: House, **options: Any) -> TrialDesk:
    folder = Path(str(house.journal._database.file)).parent
    return TrialDesk(
        house.site, house.bus, house.clock, house.journal, data=folder, policy=load_policy(house.site.file), **options
    )


@pytest_asyncio.fixture
async def desk(house: House) -> AsyncIterator[TrialDesk]:
    """The controller room's work, running."""
    made = desk_of(house)
    running = asyncio.create_task(made.run())
    yield made
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def ask(house: House, body: Any = None, role: str = "admin_section") -> Any:
    async with house.client(role) as client:
        return await client.post("/api/v1/trials", json=ASKED if body is None else body)


async def until_ended(house: House, number: int) -> Any:
    async with asyncio.timeout(60), house.client("administrator") as client:
        while True:
            told = (await client.get(f"/api/v1/trials/{number}")).json()
            if TrialState(told["state"]) not in (TrialState.WAITING, TrialState.RUNNING):
                return told
            await asyncio.sleep(0.1)


async def test_a_trial_is_made_in_its_own_process_and_told_side_by_side(house: House, desk: TrialDesk) -> None:
    del desk
    house.fill(datetime(2026, 7, 13, 16, tzinfo=UTC), datetime(2026, 7, 14, 16, tzinfo=UTC), {
        "weather.temperature": lambda _: 34.0, "weather.rain": lambda _: 0.0,
        "ac-401.on": lambda hours: float(8.0 <= hours < 17.0), "ac-401.mode": lambda _: 0.0,
        "ac-401.setpoint": lambda _: 28.0, "ac-401.room_temperature": lambda _: 29.5,
    })  # fmt: skip
    morning = datetime(2026, 7, 13, 22, tzinfo=UTC)
    house.journal.record_forecast(
        ForecastReceived(
            provider="made", issued=morning, fetched=morning, daily_max_c={date(2026, 7, 14): 32.0}
        )
    )  # fmt: skip
    answer = await ask(house)
    assert answer.status_code == 202
    told = await until_ended(house, answer.json()["id"])
    assert told["state"] == "done", told
    assert told["progress"] == 1.0
    assert [one["name"] for one in told["result"]["outcomes"]] == ["现行", "33 度"]
    own, other = told["result"]["outcomes"]
    assert own["used"]["cooling_h"] == other["used"]["cooling_h"] == pytest.approx(9.0, abs=0.2)
    assert other["avoided_kwh"]["value"] is None, "no meter tells what it took: not known, and not nothing"
    assert other["unpriced_h"] > 8.0
    assert all(limit["zh"] and limit["en"] for limit in told["result"]["limits"])
    async with house.client("administrator") as client:
        table = await client.get(f"/api/v1/trials/{told['id']}?format=csv")
        listed = (await client.get("/api/v1/trials")).json()["rows"]
    rows = list(csv.DictReader(io.StringIO(table.text)))
    assert {"permitted_cooling", "forbidden", "avoided", "unknown"} <= {row["figure"] for row in rows}
    assert [row["value"] for row in rows if row["figure"] == "avoided"][1] == ""
    assert [(row["id"], row["state"], row["result"]) for row in listed] == [(told["id"], "done", None)]


async def test_a_policy_that_makes_no_sense_here_fails_with_its_reasons(house: House, desk: TrialDesk) -> None:
    del desk
    wrong = {"parameters": {"cooling_permit_c": 10.0}}
    answer = await ask(house, {**ASKED, "policies": [{"name": "冷", "policy": wrong}]})
    told = await until_ended(house, answer.json()["id"])
    assert told["state"] == "failed"
    assert "cooling_permit_c" in told["error"]["zh"]
    assert told["result"] is None


async def test_what_ran_when_the_program_ended_is_interrupted_and_what_waited_is_made(house: House) -> None:
    request = TrialRequest(
        start=house.clock.now() - timedelta(days=1), end=house.clock.now(), policies=(PolicyChoice(name="own"),)
    )
    first, second = (house.journal.trials.enter(request, actor=CLERK, at=house.clock.now()) for _ in range(2))
    assert house.journal.trials.begin(first)
    running = asyncio.create_task(desk_of(house).run())
    assert (await until_ended(house, first))["state"] == "interrupted"
    assert (await until_ended(house, second))["state"] in ("done", "failed")
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_trial_can_be_cancelled_while_it_waits_and_while_it_runs(house: House) -> None:
    waits = (await ask(house)).json()["id"]
    runs = (await ask(house)).json()["id"]
    assert house.journal.trials.begin(runs)
    async with house.client("admin_section") as client:
        for number in (waits, runs):
            assert (await client.post(f"/api/v1/trials/{number}/cancel")).json()["state"] == "cancelled"
        assert (await client.post("/api/v1/trials/99/cancel")).status_code == 404
    assert not house.journal.trials.progress(runs, 1, 2), "the process that makes it hears so, and ends"
    assert not house.journal.trials.begin(waits)


async def test_asking_tells_the_controller_room(house: House) -> None:
    heard: list[int] = []
    leave = house.bus.listen(TrialWanted, lambda message: heard.append(message.id))
    number = (await ask(house)).json()["id"]
    leave()
    assert heard == [number]
    assert house.journal.audits()[0].action == "trial"


@pytest.mark.parametrize("role", ["viewer", "section_operator", "duty_room"])
async def test_only_the_administration_may_try_policies_out(house: House, role: str) -> None:
    assert (await ask(house, role=role)).status_code == 403
    async with house.client(role) as client:
        assert (await client.get("/api/v1/trials")).status_code == 403


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"first": "2026-07-15", "last": "2026-07-14"}, "wrong_range"),
        ({"last": "2026-07-16"}, "wrong_range"),
        ({"first": "2024-07-14"}, "range_too_large"),
        ({"policies": []}, "wrong_body"),
        ({"policies": [{"name": "a"}] * 2}, "same_name"),
        ({"policies": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}, {"name": "e"}]}, "wrong_body"),
        ({"policies": [{"name": "a", "policy": {"presets": "x"}}]}, "wrong_policy"),
        ({"policies": [{"name": " "}]}, "wrong_body"),
        ({"first": "soon"}, "wrong_body"),
    ],
)
async def test_a_trial_that_cannot_be_is_refused(house: House, changes: dict[str, Any], code: str) -> None:
    answer = await ask(house, {**ASKED, **changes})
    assert (answer.status_code, answer.json()["code"]) == (422, code)


async def test_not_more_than_a_few_wait(house: House) -> None:
    for _ in range(5):
        assert (await ask(house)).status_code == 202
    assert (await ask(house)).status_code == 409


async def test_a_trial_without_result_is_no_file(house: House) -> None:
    number = (await ask(house)).json()["id"]
    async with house.client("administrator") as client:
        assert (await client.get(f"/api/v1/trials/{number}?format=csv")).status_code == 409
        assert (await client.get("/api/v1/trials/99")).status_code == 404


@pytest.mark.parametrize("number", ["0", "-1", "9" * 16, "9" * 19, "9" * 25])
async def test_a_number_that_no_record_has_is_refused(house: House, number: str) -> None:
    async with house.client("administrator") as client:
        answers = [
            await client.get(f"/api/v1/trials/{number}"),
            await client.get(f"/api/v1/trials/{number}?format=csv"),
            await client.post(f"/api/v1/trials/{number}/cancel"),
        ]
    assert {answer.status_code for answer in answers} <= {404, 422}


@pytest.mark.parametrize(("first", "last"), [("0001-01-01", "0001-01-02"), ("0001-01-01", "9999-12-31")])
async def test_days_that_no_clock_shows_are_refused(house: House, first: str, last: str) -> None:
    answer = await ask(house, {**ASKED, "first": first, "last": last})
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_range")
