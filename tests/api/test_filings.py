"""Filings over HTTP: filed, decided, taken back and listed; who may, what is refused, and who hears of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import pytest_asyncio

from facility.bus import FilingChanged
from facility.filings import FilingKind, FilingState, Relaxation
from tests.api.house import NOW, House, house_of, local
from tests.sites import small_site_data

pytestmark = pytest.mark.asyncio

EVENING = {"start": "2026-07-15T17:00:00+08:00", "end": "2026-07-15T20:00:00+08:00"}
SATURDAY = {"start": "2026-07-18T09:00:00+08:00", "end": "2026-07-18T12:00:00+08:00"}


def asked(**changes: Any) -> dict[str, Any]:
    given = {
        "kind": "exception", "spans": [EVENING], "scope": {"spaces": ["r401"]}, "relaxes": {"hours": True},
        "reason": "半年决算加班",
    }  # fmt: skip
    return given | changes


def notice(**changes: Any) -> dict[str, Any]:
    return asked(**{"kind": "notice", "scope": {}, **changes})


BOOKING = asked(kind="booking", scope={"spaces": ["hall"]}, relaxes={}, reference="周例会", reason="会议")


def rooms() -> list[dict[str, Any]]:
    spaces: list[dict[str, Any]] = small_site_data()["spaces"]
    return [
        *spaces,
        {"id": "hall", "floor": "f4", "class": "meeting", "responsible_office": "finance"},
        {"id": "video", "floor": "f4", "class": "meeting", "responsible_office": "general"},
    ]


@pytest_asyncio.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The small bureau with two meeting rooms, on a Wednesday morning."""
    async with house_of(tmp_path, spaces=rooms()) as made:
        yield made


async def post(house: House, path: str, body: Any, role: str = "section_operator") -> Any:
    async with house.client(role) as client:
        return await client.post(f"/api/v1/filings{path}", json=body)


async def get(house: House, path: str = "", role: str = "viewer", **query: Any) -> Any:
    async with house.client(role) as client:
        return await client.get(f"/api/v1/filings{path}", params=query)


async def made(house: House, body: dict[str, Any] | None = None, role: str = "section_operator") -> list[Any]:
    response = await post(house, "", body or asked(), role)
    assert response.status_code == 201, response.text
    found: list[Any] = response.json()["filings"]
    return found


def heard_of(house: House) -> list[FilingChanged]:
    heard: list[FilingChanged] = []
    house.bus.listen(FilingChanged, heard.append)
    return heard


async def test_a_section_files_an_exception_and_it_waits(house: House) -> None:
    heard = heard_of(house)
    (found,) = await made(house)
    assert (found["id"], found["state"], found["phase"], found["office"]) == (1, "submitted", "submitted", "finance")
    assert (found["applicant"], found["role"], found["late"]) == ("the section_operator", "section_operator", False)
    assert (found["start"], found["filed"]) == ("2026-07-15T17:00:00+08:00", "2026-07-15T10:20:00+08:00")
    assert found["relaxes"]["text"] == {"zh": "时间段外供应", "en": "outside the window"}
    assert (found["held_from"], found["decided"], found["overlaps"]) == (None, None, [])
    (message,) = heard
    assert message.filing == house.journal.filings.filing(1)
    assert message.filing.relaxes == Relaxation(hours=True)
    assert house.journal.filings.standing_from(NOW) == []


async def test_it_is_approved_executed_and_released_by_itself(house: House) -> None:
    heard = heard_of(house)
    await made(house)
    response = await post(house, "/1/approve", {"note": "同意"}, "admin_section")
    assert response.status_code == 200
    assert response.json()["decided"] == {
        "by": "the admin_section", "role": "admin_section", "at": "2026-07-15T10:20:00+08:00", "note": "同意",
    }  # fmt: skip
    assert [change.filing.state for change in heard] == [FilingState.SUBMITTED, FilingState.APPROVED]
    assert [filing.id for filing in house.journal.filings.standing_from(NOW)] == [1]
    for hour, phase, held in ((16, "coming", None), (17, "in_force", None), (19, "in_force", 19), (20, "over", 20)):
        house.clock.move_to(local(2026, 7, 15, hour))
        found = (await get(house, "/1")).json()
        expected = None if held is None else local(2026, 7, 15, held)
        assert found["phase"] == phase
        assert (None if found["held_to"] is None else datetime.fromisoformat(found["held_to"])) == expected, hour


async def test_it_is_rejected_with_a_reason(house: House) -> None:
    await made(house)
    assert (await post(house, "/1/reject", {}, "admin_section")).status_code == 422
    response = await post(house, "/1/reject", {"reason": "可用会议室"}, "admin_section")
    assert (response.json()["phase"], response.json()["decided"]["note"]) == ("rejected", "可用会议室")


async def test_of_two_who_decide_the_second_is_told_who_was_first(house: House) -> None:
    await made(house)
    answers = await asyncio.gather(
        post(house, "/1/approve", {}, "admin_section"), post(house, "/1/reject", {"reason": "否"}, "administrator")
    )
    done, told = sorted(answers, key=lambda answer: answer.status_code)
    assert (done.status_code, told.status_code, told.json()["code"]) == (200, 409, "not_open")
    assert done.json()["decided"]["by"] in told.json()["text"]["zh"]
    assert len([line for line in house.journal.audits() if line.action != "filing entered"]) == 1


async def test_a_filing_is_taken_back_and_holds_no_longer(house: House) -> None:
    await made(house)
    await post(house, "/1/approve", {}, "admin_section")
    house.clock.move_to(local(2026, 7, 15, 18))
    heard = heard_of(house)
    found = (await post(house, "/1/revoke", {"reason": "提前结束"})).json()
    assert (found["phase"], found["held_to"]) == ("revoked", "2026-07-15T18:00:00+08:00")
    assert (found["revoked"]["by"], found["revoked"]["note"]) == ("the section_operator", "提前结束")
    assert heard[0].filing.state is FilingState.REVOKED
    assert house.journal.filings.standing_from(house.clock.now()) == []
    again = await post(house, "/1/revoke", {"reason": "再撤"})
    assert (again.status_code, again.json()["code"]) == (409, "not_open")


async def test_what_nobody_decided_in_time_has_lapsed(house: House) -> None:
    await made(house)
    house.clock.move_to(local(2026, 7, 15, 20))
    assert (await get(house, "/1")).json()["phase"] == "lapsed"
    response = await post(house, "/1/approve", {}, "admin_section")
    assert response.status_code == 409
    assert "逾期未批" in response.json()["text"]["zh"]


async def test_a_notice_is_in_force_at_once_and_may_stop_supply(house: House) -> None:
    span = {"start": "2026-07-15T10:20:00+08:00", "end": "2026-07-15T12:00:00+08:00"}
    (found,) = await made(house, notice(spans=[span], relaxes={}, stops=True, reference="停电通知"), "admin_section")
    assert (found["phase"], found["stops"], found["scope"]["everything"]) == ("in_force", True, True)
    assert found["relaxes"]["text"]["zh"] == "停止供应冷、暖气"
    assert found["decided"]["by"] == "the admin_section"
    assert house.journal.filings.standing_from(NOW)[0].stops


async def test_a_booking_makes_the_room_ready_and_relaxes_hours_and_days_of_rest(house: House) -> None:
    (found,) = await made(house, BOOKING)
    assert (found["begins"], found["lead_minutes"]) == ("2026-07-15T16:45:00+08:00", 15.0)
    filing = house.journal.filings.filing(1)
    assert filing is not None
    assert (filing.kind, filing.relaxes) == (FilingKind.BOOKING, Relaxation(hours=True, holiday=True))
    assert filing.lead == timedelta(minutes=15)


async def test_several_dates_get_a_number_each(house: House) -> None:
    days = [
        {"start": f"2026-07-{day}T17:00:00+08:00", "end": f"2026-07-{day}T19:00:00+08:00"} for day in (15, 16, 17)
    ]  # fmt: skip
    found = await made(house, asked(spans=days))
    assert [(row["id"], row["start"][:10]) for row in found] == [
        (1, "2026-07-15"), (2, "2026-07-16"), (3, "2026-07-17"),
    ]  # fmt: skip
    assert house.journal.filings.revision() == 1


async def test_the_same_is_refused_and_named_but_an_overlap_is_shown(house: House) -> None:
    await made(house)
    again = await post(house, "", asked(reason="别的理由"), "section_operator")
    assert (again.status_code, again.json()["code"]) == (409, "filed_before")
    assert "编号 1" in again.json()["text"]["zh"]
    longer = {**EVENING, "end": "2026-07-15T21:00:00+08:00"}
    (found,) = await made(house, asked(spans=[longer], scope={"floors": ["f4"]}), "duty_room")
    assert found["overlaps"] == [1]
    assert (await get(house, "/1")).json()["overlaps"] == [2]
    other = asked(spans=[longer], scope={"spaces": ["r402"]})
    assert (await made(house, other, "duty_room"))[0]["overlaps"] == [2]
    touching = {"start": "2026-07-15T21:00:00+08:00", "end": "2026-07-15T22:00:00+08:00"}
    assert (await made(house, asked(spans=[touching]), "duty_room"))[0]["overlaps"] == []
    assert (await get(house, "/2")).json()["overlaps"] == [1, 3]


LATE = {"start": "2026-07-15T10:00:00+08:00", "end": "2026-07-15T20:00:00+08:00"}


async def test_a_late_filing_is_refused_with_the_clause(house: House) -> None:
    response = await post(house, "", asked(spans=[SATURDAY, LATE]))
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "late_filing")
    assert "AC-04" in problem["text"]["zh"]
    assert "必须提前报行政科备案" in problem["hint"]["zh"]
    assert [field["where"] for field in problem["fields"]] == ["body.spans.1.start"]
    assert house.journal.filings.register() == []
    just = {"start": "2026-07-15T10:20:00+08:00", "end": "2026-07-15T20:00:00+08:00"}
    assert (await made(house, asked(spans=[just])))[0]["late"] is False


async def test_by_setting_it_must_come_earlier_or_is_entered_with_a_flag(tmp_path: Path) -> None:
    async with house_of(tmp_path, filings={"late": "flag", "lead_minutes": 60}) as house:
        edge = {"start": "2026-07-15T11:20:00+08:00", "end": "2026-07-15T20:00:00+08:00"}
        near = {**edge, "start": "2026-07-15T11:19:00+08:00"}
        over = {"start": "2026-07-15T08:00:00+08:00", "end": "2026-07-15T10:20:00+08:00"}
        assert [row["late"] for row in await made(house, asked(spans=[edge]))] == [False]
        assert [row["late"] for row in await made(house, asked(spans=[near]))] == [True]
        assert (await post(house, "", asked(spans=[over]))).json()["fields"][0]["what"]["zh"] == "结束时间已过"
        (told,) = await made(house, notice(spans=[{**edge, "start": "2026-07-15T10:15:00+08:00"}]), "administrator")
        assert told["late"] is False


def hours(start: str, end: str) -> list[dict[str, str]]:
    return [{"start": f"2026-{start}+08:00", "end": f"2026-{end}+08:00"}]


MISTAKES: list[tuple[str, dict[str, Any], str, str]] = [
    ("ends before it starts", asked(spans=hours("07-16T18:00", "07-16T18:00")), "body.spans.0", "晚于"),
    ("longer than the site allows", asked(spans=hours("07-16T00:00", "08-16T00:01")), "body.spans.0", "31 天"),
    ("too far ahead", asked(spans=[{"start": "2028-01-01T00:00Z", "end": "2028-01-02T00:00Z"}]), "body.spans.0", "366"),
    ("over", asked(spans=hours("07-14T18:00", "07-14T20:00")), "body.spans.0", "已过"),
    ("its own times overlap", asked(spans=hours("07-16T17:00", "07-16T19:00") + hours("07-16T18:00", "07-16T20:00")),
     "body.spans", "重叠"),
    ("a room that is none", asked(scope={"spaces": ["r-401"]}), "body.scope.spaces", "是否想写 `r401`"),
    ("equipment that is none", asked(scope={"equipment": ["ac-499"]}), "body.scope.equipment", "ac-499"),
    ("an office that is none", asked(office="finanse"), "body.office", "`finance`"),
    ("nowhere", asked(scope={}), "body.scope", "指明"),
    ("nothing", asked(relaxes={}), "body.relaxes", "没有放宽"),
    ("too cold", asked(relaxes={"setpoint_min_cool_c": 25.9}), "body.relaxes.setpoint_min_cool_c", "26 ℃"),
    ("too warm", asked(relaxes={"setpoint_max_heat_c": 24.1}), "body.relaxes.setpoint_max_heat_c", "24 ℃"),
    ("an exception that stops", asked(stops=True), "body.stops", "只有通知"),
    ("a notice that does both", notice(stops=True), "body.stops", "不能同时"),
    ("a notice of yesterday", notice(spans=hours("07-15T10:09", "07-15T20:00")), "body.spans.0", "不能早于"),
    ("an emergency for a day", notice(kind="emergency", spans=hours("07-15T10:20", "07-15T14:21")), "body.spans.0",
     "4 小时"),
    ("an emergency of tomorrow", notice(kind="emergency", spans=hours("07-16T10:20", "07-16T11:20")), "body.spans",
     "立即生效"),
    ("a booked office", {**BOOKING, "scope": {"spaces": ["r401"]}}, "body.scope.spaces", "不是会议室"),
    ("a booked floor", {**BOOKING, "scope": {"floors": ["f4"]}}, "body.scope", "只能指明会议室"),
    ("a booking of no meeting", {**BOOKING, "reference": ""}, "body.reference", "会议"),
    ("a booking of a cold room", {**BOOKING, "relaxes": {"setpoint_min_cool_c": 26.0}}, "body.relaxes", "只放宽"),
]  # fmt: skip


async def test_a_mistake_is_named_with_its_field(house: House) -> None:
    for case, body, where, what in MISTAKES:
        response = await post(house, "", body, "administrator")
        assert response.status_code == 422, case
        found = {field["where"]: field["what"] for field in response.json()["fields"]}
        assert what in found[where]["zh"], case
        assert found[where]["en"] != found[where]["zh"], case
    assert house.journal.filings.register() == []


STRICT: list[tuple[dict[str, Any], str]] = [
    ({**asked(), "urgent": True}, "body.urgent"), (asked(relaxes={"hours": 1}), "body.relaxes.hours"),
    (asked(relaxes={"cooling_outdoor_c": "28"}), "body.relaxes.cooling_outdoor_c"),
    (asked(spans=[{"start": "2026-07-15T17:00", "end": "2026-07-15T18:00"}]), "body.spans.0.start"),
    (asked(spans=[]), "body.spans"), (asked(reason=" "), "body.reason"), (asked(kind="wish"), "body.kind"),
]  # fmt: skip


async def test_bodies_are_strict(house: House) -> None:
    for body, where in STRICT:
        response = await post(house, "", body)
        assert response.status_code == 422, where
        assert where in [field["where"] for field in response.json()["fields"]]


async def test_a_limit_of_nought_degrees_is_one(house: House) -> None:
    (found,) = await made(house, asked(relaxes={"heating_outdoor_c": 0.0, "cooling_outdoor_c": -0.0}))
    assert (found["relaxes"]["heating_outdoor_c"], found["relaxes"]["cooling_outdoor_c"]) == (0.0, 0.0)
    assert found["relaxes"]["setpoint_min_cool_c"] is None
    assert found["relaxes"]["text"]["en"] == "cooling from 0 °C outdoors, heating up to 0 °C outdoors"


WHO: list[tuple[str, dict[str, Any], int]] = [
    ("viewer", asked(), 403),
    ("section_operator", asked(scope={"spaces": ["r402"]}), 403),
    ("section_operator", asked(scope={"spaces": ["r401", "r402"]}), 403),
    ("section_operator", asked(scope={"spaces": ["no-such"]}), 403),
    ("section_operator", asked(scope={"floors": ["f4"]}), 403),
    ("section_operator", asked(scope={"equipment": ["ac-402"]}), 403),
    ("section_operator", asked(scope={"equipment": ["main-meter"]}), 403),
    ("section_operator", asked(scope={"offices": ["general"]}), 403),
    ("section_operator", asked(office="general"), 403),
    ("section_operator", notice(), 403),
    ("section_operator", {**BOOKING, "scope": {"spaces": ["video"]}}, 403),
    ("section_operator", asked(scope={"equipment": ["ac-401"]}), 201),
    ("section_operator", asked(scope={"offices": ["finance"]}), 201),
    ("section_operator", asked(scope={"spaces": ["hall"]}), 201),
    ("section_operator", BOOKING, 201),
    ("duty_room", asked(scope={"buildings": ["main"]}, office="general"), 201),
    ("duty_room", notice(), 403),
    ("duty_room", notice(kind="emergency"), 403),
    ("admin_section", notice(), 201),
    ("administrator", notice(kind="emergency", spans=hours("07-15T10:20", "07-15T12:00")), 201),
]  # fmt: skip


async def test_who_may_file_what(house: House) -> None:
    for role, body, status in WHO:
        response = await post(house, "", body, role)
        assert response.status_code == status, (role, body)


DECIDING = [
    ("section_operator", "approve", {}, 403), ("duty_room", "approve", {}, 403), ("viewer", "revoke", {}, 403),
    ("duty_room", "reject", {"reason": "x"}, 403), ("admin_section", "approve", {}, 200),
    ("section_operator", "revoke", {"reason": "x"}, 200), ("duty_room", "revoke", {"reason": "x"}, 200),
    ("administrator", "revoke", {"reason": "x"}, 200),
]  # fmt: skip


async def test_who_may_decide_and_take_back(house: House) -> None:
    days = [{"start": f"2026-07-{day}T17:00:00+08:00", "end": f"2026-07-{day}T18:00:00+08:00"} for day in range(16, 24)]
    await made(house, asked(spans=days))
    for number, (role, act, body, status) in enumerate(DECIDING, 1):
        assert (await post(house, f"/{number}/{act}", body, role)).status_code == status, (role, act)


async def test_nobody_decides_what_they_filed_but_an_administrator(house: House) -> None:
    await made(house, asked(), "admin_section")
    response = await post(house, "/1/approve", {}, "admin_section")
    assert (response.status_code, response.json()["code"]) == (403, "not_permitted")
    await made(house, asked(spans=[SATURDAY]), "administrator")
    assert (await post(house, "/2/approve", {}, "administrator")).status_code == 200


async def test_of_one_office_not_more_wait_than_anybody_decides_on(house: House) -> None:
    first = local(2026, 7, 18)
    minutes = [
        [
            {"start": f"{first + timedelta(minutes=2 * number):%Y-%m-%dT%H:%M:%S%z}",
             "end": f"{first + timedelta(minutes=2 * number + 1):%Y-%m-%dT%H:%M:%S%z}"}
            for number in range(group * 62, group * 62 + 62)
        ]
        for group in range(5)
    ]  # fmt: skip
    for spans in minutes:
        await made(house, asked(spans=spans))
    refused = await post(house, "", asked())
    assert (refused.status_code, refused.json()["code"]) == (409, "too_many_waiting")
    assert (await post(house, "", asked(), "duty_room")).status_code == 201
    assert (await post(house, "/1/approve", {}, "admin_section")).status_code == 200
    assert (await post(house, "", asked(spans=[SATURDAY]))).status_code == 201, "one was decided"
    assert (await post(house, "", asked())).status_code == 409


async def test_others_do_not_take_back_what_is_not_theirs(house: House) -> None:
    await made(house, asked(scope={"spaces": ["r402"]}, office="general"), "duty_room")
    assert (await post(house, "/1/revoke", {"reason": "x"})).status_code == 403
    await made(house, notice(), "admin_section")
    assert (await post(house, "/2/revoke", {"reason": "x"}, "duty_room")).status_code == 403


async def test_a_number_that_is_none_is_said_so(house: House) -> None:
    assert (await get(house, "/7")).status_code == 404
    assert (await post(house, "/7/approve", {}, "administrator")).json()["code"] == "unknown_id"
    assert (await post(house, "/7/revoke", {"reason": "x"})).status_code == 404


async def test_the_list_is_of_a_month_an_office_a_kind_or_a_phase(house: House) -> None:
    await made(house, asked(spans=[EVENING, SATURDAY, *hours("08-01T17:00", "08-01T19:00")]))
    await made(house, asked(scope={"spaces": ["r402"]}), "duty_room")
    await made(house, BOOKING)
    await post(house, "/1/approve", {}, "admin_section")

    async def numbers(**query: Any) -> list[int]:
        return [row["id"] for row in (await get(house, **query)).json()["rows"]]

    assert await numbers() == [1, 2, 3, 4, 5]
    assert await numbers(month="2026-07") == [1, 2, 4, 5]
    assert await numbers(month="2026-06") == []
    assert await numbers(start="2026-07-18", end="2026-07-19") == [2]
    assert await numbers(office="general") == [4]
    assert await numbers(office="finance", kind="booking") == [5]
    assert await numbers(phase="coming") == [1]
    house.clock.move_to(local(2026, 9, 1))
    assert await numbers() == []
    for query in ({"month": "2026-13"}, {"kind": "x"}, {"when": "x"}):
        assert (await get(house, **query)).status_code == 422
    assert (await get(house, office="nobody")).status_code == 404


async def test_the_register_is_a_file_too(house: House) -> None:
    await made(house, asked(reason="=HYPERLINK(1)"))
    await post(house, "/1/approve", {"note": "同意"}, "admin_section")
    sheet = await get(house, month="2026-07", format="csv", lang="zh")
    head, line = sheet.content.decode("utf-8-sig").splitlines()
    assert head.startswith("编号,类别,状态,申请人,科室,房间,开始,结束,放宽内容,事由,依据,备案时间,是否逾时,审批人")
    assert line.startswith('1,例外备案,"已批准,未开始",the section_operator,财务科,r401,2026-07-15T17:00:00+08:00,')
    assert "'=HYPERLINK(1)" in line
    assert "filings-2026-07.csv" in sheet.headers["content-disposition"]
    book = await get(house, month="2026-07", format="xlsx", lang="en")
    words = ZipFile(io.BytesIO(book.content)).read("xl/worksheets/sheet1.xml").decode()
    assert "outside the window" in words
    assert "Filed by" in words


@pytest.mark.parametrize("body", [asked, notice])
async def test_nothing_is_filed_for_rooms_that_run_round_the_clock(house: House, body: Any) -> None:
    answer = await house.client("admin_section").post(
        "/api/v1/filings", json=body(scope={"spaces": ["archive"]}, office=None)
    )
    assert answer.status_code == 422, answer.text
    assert "全天候运行" in answer.text
