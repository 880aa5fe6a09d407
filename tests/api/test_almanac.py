"""The office's year over HTTP: read by everybody who may, entered and taken back by the administration section."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from facility.bus import AlmanacChanged
from facility.festivals import FESTIVALS, statutory_days
from tests.api.house import House, house_of

pytestmark = pytest.mark.asyncio

CLOSURE = {"first": "2026-08-03", "last": "2026-08-05", "reason": "集中休假", "notice": "行政科通知8号"}
HALF = {"day": "2026-09-30", "closes": "12:00", "notice": "行政科通知9号"}
TURN = {"day": "2026-07-15", "shift": "day", "people": [{"name": "值班员", "phone": "8201"}]}
SUMMER = {
    "name": {"zh": "夏季作息"}, "first": "06-01", "last": "09-30", "sessions": ["08:00-12:00", "15:00-18:00"],
}  # fmt: skip


def table(year: int = 2027, **changes: Any) -> dict[str, Any]:
    rows = "".join(f"{day},放假,{FESTIVALS[name].zh}\n" for day, name in statutory_days(year).items())
    made_up = date(year, 1, 1) + timedelta(days=(12 - date(year, 1, 1).weekday()) % 7)
    content = f"日期,类型,节日\n{rows}{made_up},上班,元旦\n"
    return {"year": year, "notice": "国办发明电〔2026〕1号", "issued": "2026-11-04", "content": content} | changes


async def post(house: House, path: str, body: dict[str, Any], role: str = "admin_section") -> tuple[int, Any]:
    answer = await house.client(role).post(f"/api/v1/almanac/{path}", json=body)
    return answer.status_code, answer.json()


async def get(house: House, path: str) -> Any:
    answer = await house.client("viewer").get(f"/api/v1/almanac/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json()


def of_day(year: dict[str, Any], day: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in year["days"] if each["date"] == day)
    return found


async def test_a_year_is_told_day_by_day(house: House) -> None:
    year = await get(house, "years/2026")
    assert (len(year["days"]), year["workdays"], year["status"], year["notice"]) == (365, 248, "official", None)
    day = of_day(year, "2026-10-10")
    assert (day["kind"], day["make_up"], day["why"]["zh"]) == ("workday", True, "国庆节调休上班")
    guessed = await get(house, "years/2028")
    assert (len(guessed["days"]), guessed["status"], guessed["days"][59]["date"]) == (366, "provisional", "2028-02-29")
    assert not any(each["official"] for each in guessed["days"])


async def test_a_year_that_nobody_plans_for_is_refused(house: House) -> None:
    for year in (1, 2003, 2101, 0, "next"):
        assert (await house.client("viewer").get(f"/api/v1/almanac/years/{year}")).status_code == 422, year


async def test_a_closure_holds_at_once_and_is_told_audited_and_taken_back(house: House) -> None:
    heard: list[AlmanacChanged] = []
    house.bus.listen(AlmanacChanged, heard.append)
    status, made = await post(house, "closures", CLOSURE)
    assert status == 201
    (row,) = made["rows"]
    assert (row["kind"], row["revoked"]) == ("closure", None)
    assert "集中休假" in row["told"]["zh"]
    assert not house.context.calendar.is_workday(date(2026, 8, 4))
    day = of_day(await get(house, "years/2026"), "2026-08-04")
    assert (day["kind"], day["closed"], day["official"], day["source"]) == ("rest", True, True, "行政科通知8号")
    assert [record.action for record in house.journal.audits()][:1] == ["almanac entry"]
    status, gone = await post(house, f"entries/{row['id']}/revoke", {"reason": "改期"})
    assert (status, gone["revoked"]["reason"]) == (200, "改期")
    assert house.context.calendar.is_workday(date(2026, 8, 4))
    assert len(heard) == 2
    assert (await post(house, f"entries/{row['id']}/revoke", {"reason": "改期"}))[0] == 409
    assert (await post(house, "entries/999/revoke", {"reason": "改期"}))[0] == 404
    assert (await get(house, "entries"))["rows"] == []
    assert len((await get(house, "entries?revoked=true"))["rows"]) == 1


async def test_a_half_day_and_a_part_of_the_site_are_shown_as_such(house: House) -> None:
    assert (await post(house, "half-days", HALF))[0] == 201
    assert (await post(house, "closures", CLOSURE | {"offices": ["finance"]}))[0] == 201
    year = await get(house, "years/2026")
    half, part = of_day(year, "2026-09-30"), of_day(year, "2026-08-04")
    assert (half["kind"], half["half_day"], half["hours"]["zh"]) == ("workday", True, "12:00 止")
    assert (part["kind"], part["closed"], len(part["parts"])) == ("workday", False, 1)
    assert "财务科" in part["parts"][0]["zh"]


async def test_a_working_day_and_a_timetable_are_entered(house: House) -> None:
    assert (await post(house, "workdays", {"day": "2026-08-15", "notice": "行政科通知7号"}))[0] == 201
    assert house.context.calendar.is_workday(date(2026, 8, 15))
    assert (await post(house, "timetables", SUMMER))[0] == 201
    found = house.context.calendar.timetable(date(2026, 7, 15))
    assert found is not None
    assert [f"{each.start:%H:%M}" for each in found.sessions] == ["08:00", "15:00"]


async def test_a_years_table_makes_the_year_official(house: House) -> None:
    house.clock.advance((date(2026, 11, 22) - date(2026, 7, 15)).days * 86_400.0)
    assert (await get(house, "years/2027"))["missing_year"] == 2027
    status, made = await post(house, "tables", table())
    assert status == 201, made
    year = await get(house, "years/2027")
    assert (year["status"], year["notice"], year["issued"]) == ("official", "国办发明电〔2026〕1号", "2026-11-04")
    assert (len(year["sha256"]), year["missing_year"]) == (64, None)
    assert all(each["official"] for each in year["days"])


async def test_a_table_that_cannot_be_true_is_refused_with_its_mistakes(house: House) -> None:
    status, problem = await post(house, "tables", table(content="2027-01-01,rest,元旦\n"))
    assert status == 422
    assert "春节" in problem["text"]["zh"]
    assert "Spring Festival" in problem["text"]["en"]
    assert house.context.calendar.status(2027) == "provisional"


REFUSALS: list[tuple[str, dict[str, Any], int]] = [
    ("closures", CLOSURE | {"last": "2026-08-02"}, 422),
    ("closures", CLOSURE | {"first": "2026-07-01", "last": "2026-07-14"}, 422),
    ("closures", CLOSURE | {"first": "2026-07-01", "last": "2026-07-15"}, 201),
    ("closures", CLOSURE | {"offices": ["nobody"]}, 404),
    ("closures", CLOSURE | {"buildings": ["nowhere"]}, 404),
    ("closures", CLOSURE | {"notice": " "}, 422),
    ("closures", CLOSURE | {"first": "0001-01-01", "last": "9999-12-31"}, 422),
    ("closures", CLOSURE | {"last": "2062-08-05"}, 422),
    ("closures", CLOSURE | {"last": "2027-08-04"}, 201),
    ("workdays", {"day": "9999-12-31", "notice": "x"}, 422),
    ("half-days", HALF | {"day": "9999-12-31"}, 422),
    ("duty", {"turns": [TURN | {"day": "0001-01-01"}]}, 422),
    ("half-days", {"day": "2026-09-30", "notice": "x"}, 422),
    ("half-days", HALF | {"opens": "13:00"}, 422),
    ("half-days", HALF | {"closes": "noon"}, 422),
    ("workdays", {"day": "2026-07-14", "notice": "x"}, 422),
    ("timetables", SUMMER | {"sessions": ["15:00-18:00", "08:00-12:00"]}, 422),
    ("timetables", SUMMER | {"last": "2026-09-30"}, 422),
    ("timetables", SUMMER | {"first": "13-01"}, 422),
    ("duty", {"turns": [TURN | {"shift": "noon"}]}, 404),
    ("duty", {"turns": [TURN | {"people": []}]}, 422),
    ("duty", {"turns": [TURN | {"day": "2026-07-01"}]}, 201),
    ("duty", {"turns": []}, 422),
    ("tables", table(issued="2020-01-01"), 422),
    ("tables", table(content=" "), 422),
]


async def test_what_cannot_be_is_refused(house: House) -> None:
    for path, body, status in REFUSALS:
        assert (await post(house, path, body))[0] == status, (path, body)


async def test_only_the_administration_section_enters(house: House) -> None:
    for role in ("viewer", "section_operator", "duty_room"):
        assert (await post(house, "closures", CLOSURE, role))[0] == 403
        assert (await post(house, "entries/1/revoke", {"reason": "x"}, role))[0] == 403


async def test_who_is_on_duty_now_and_through_the_week(house: House) -> None:
    empty = await get(house, "duty")
    assert (empty["now"], len(empty["rows"])) == (None, 14)
    status, made = await post(house, "duty", {"turns": [TURN, TURN | {"shift": "night", "day": "2026-07-14"}]})
    assert (status, len(made["rows"])) == (201, 2)
    found = await get(house, "duty?first=2026-07-13")
    assert (found["now"]["shift"], found["now"]["people"][0]["phone"]) == ("day", "8201")
    assert [(row["day"], row["shift"]) for row in found["rows"] if row["entered"]] == [
        ("2026-07-14", "night"), ("2026-07-15", "day"),
    ]  # fmt: skip


async def test_strangers_see_who_is_on_duty_and_no_telephone(tmp_path: Path) -> None:
    async with house_of(tmp_path, open_reading=True) as house:
        assert (await post(house, "duty", {"turns": [TURN]}))[0] == 201
        async with house.client(None) as stranger:
            found = (await stranger.get("/api/v1/almanac/duty?first=2026-07-13")).json()
            entries = (await stranger.get("/api/v1/almanac/entries")).json()
            told = await stranger.get("/api/v1/notifications")
    assert found["now"]["people"] == [{"name": "值班员", "phone": None, "handle": None}]
    assert (entries["rows"], told.status_code) == ([], 401)


@pytest.mark.parametrize("first", ["0001-01-01", "9999-12-31", "1970-12-31"])
async def test_a_week_at_the_end_of_the_calendar_is_refused(house: House, first: str) -> None:
    answer = await house.client().get(f"/api/v1/almanac/duty?first={first}")
    assert answer.status_code == 422


@pytest.mark.parametrize(("day", "provisional"), [("2026-07-18", False), ("2027-01-02", True)])
async def test_a_filing_on_a_day_that_is_guessed_says_so(house: House, day: str, *, provisional: bool) -> None:
    body = {
        "kind": "notice", "spans": [{"start": f"{day}T08:00:00+08:00", "end": f"{day}T12:00:00+08:00"}],
        "scope": {}, "relaxes": {"hours": True}, "reason": "检修", "reference": "行政科通知12号",
    }  # fmt: skip
    answer = await house.client("admin_section").post("/api/v1/filings", json=body)
    assert answer.status_code == 201, answer.text
    (filing,) = answer.json()["filings"]
    assert filing["provisional"] is provisional
