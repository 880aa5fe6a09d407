"""Which rule holds where, and by which sentence: as the controller stated it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from controller.policy.site_policy import load_policy
from controller.policy_statement import state_policy
from facility.commands import Actor, Role
from facility.filings import Filing, FilingKind, FilingState, Relaxation, Scope
from tests.api.house import House

pytestmark = pytest.mark.asyncio


async def rules(house: House, role: str = "viewer", **query: str) -> Any:
    async with house.client(role) as client:
        return await client.get("/api/v1/rules", params=query)


def stated(house: House) -> None:
    assert state_policy(house.journal, load_policy(house.site.file, house.site), house.site, house.clock.now())


def named(answer: Any) -> set[tuple[str | None, str]]:
    return {(rule["zone_class"], rule["rule"]) for rule in answer.json()["rules"]}


async def test_before_the_controller_spoke_nothing_is_claimed(house: House) -> None:
    told = (await rules(house)).json()
    assert told["stated"] is None
    assert told["rules"] == []


async def test_every_rule_comes_with_its_sentence_and_its_numbers(house: House) -> None:
    stated(house)
    found = {(one["zone_class"], one["rule"]): one for one in (await rules(house)).json()["rules"]}
    window = found["office", "window"]
    assert (window["clause"], window["effect"], window["severity"]) == ("AC-05", "forbid", "enforce")
    assert "8:00~17:00" in window["quote"]
    assert window["document"] == "《中央空调使用管理办法》(三)2"
    assert window["parameters"]["window"] == "08:00-17:00"
    assert found["office", "sunshine"]["severity"] == "advise"
    assert ("archive", "climate") in found
    assert ("archive", "window") not in found
    assert found[None, "kettle-window"]["clause"] == "WH-01"


async def test_the_same_policy_is_stated_once(house: House) -> None:
    stated(house)
    house.clock.advance(60)
    assert not state_policy(house.journal, load_policy(house.site.file, house.site), house.site, house.clock.now())


async def test_rules_are_found_by_place(house: House) -> None:
    stated(house)
    assert {zone for zone, _ in named(await rules(house, office="finance"))} <= {"office", None}
    assert {zone for zone, _ in named(await rules(house, equipment="ac-archive"))} <= {"archive", None}
    assert {zone for zone, _ in named(await rules(house, zone_class="duty_room"))} <= {"duty_room", None}
    assert (None, "kettle-window") not in named(await rules(house, equipment="ac-401"))
    floor, building = (await rules(house, floor="f4")), (await rules(house, building="main"))
    assert {"office", "archive"} <= {zone for zone, _ in named(floor)} | {zone for zone, _ in named(building)}


async def test_rules_are_found_by_clause_and_by_words(house: House) -> None:
    stated(house)
    by_clause = (await rules(house, clause="ac-03")).json()["rules"]
    assert {one["rule"] for one in by_clause} >= {"setpoint", "room-limit"}
    assert {one["clause"] for one in by_clause} == {"AC-03"}
    assert {one["clause"] for one in (await rules(house, q="人走设备停")).json()["rules"]} == {"AC-09"}
    assert (await rules(house, q="no such words")).json()["rules"] == []


async def test_what_is_filed_against_them_now_is_told_where_it_holds(house: House) -> None:
    stated(house)
    now = house.clock.now()
    filing = Filing(
        id=0, kind=FilingKind.EXCEPTION, state=FilingState.APPROVED, applicant=Actor(name="财务科", role=Role.VIEWER),
        filed_at=now, start=now - timedelta(hours=1), end=now + timedelta(hours=1),
        scope=Scope(offices=frozenset({"finance"})), relaxes=Relaxation(hours=True), reason="决算加班",
    )  # fmt: skip
    house.journal.filings.enter([filing], actor=Actor(name="行政科"), at=now)
    (told,) = (await rules(house, office="finance")).json()["exceptions"]
    assert (told["reason"], told["relaxes"], told["stops"]) == ("决算加班", ["hours"], False)
    assert (await rules(house, office="general")).json()["exceptions"] == []
    house.clock.advance(7200)
    assert (await rules(house)).json()["exceptions"] == []


@pytest.mark.parametrize("query", [{"office": "nobody"}, {"floor": "f99"}, {"building": "x"}, {"equipment": "x"}])
async def test_a_place_that_is_not_there_is_unknown(house: House, query: dict[str, str]) -> None:
    assert (await rules(house, **query)).status_code == 404


async def test_a_zone_class_or_word_that_is_none_is_refused(house: House) -> None:
    assert (await rules(house, zone_class="roof")).status_code == 422
    assert (await rules(house, where="here")).status_code == 422
