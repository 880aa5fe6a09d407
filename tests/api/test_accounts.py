"""What people enter over HTTP changes the figures, is refused when it cannot be, and corrects what is closed."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.auth import ACCESS
from api.services.counter_values import between
from tests.api.books_house import books_house, counters, finance_day_kwh, line
from tests.api.house import NOW, House, house_of, local
from tests.api.test_door import filled

pytestmark = pytest.mark.asyncio

DAY = finance_day_kwh()


@pytest_asyncio.fixture
async def bureau(tmp_path: Path) -> AsyncIterator[House]:
    """The first week of July, told on the third of August."""
    async with books_house(tmp_path) as house:
        yield house


async def get(house: House, path: str) -> Any:
    async with house.client() as client:
        response = await client.get(f"/api/v1/{path}")
    assert response.status_code == 200, response.text
    return response.json()


async def post(house: House, path: str, body: Any, *, role: str = "admin_section", status: int = 201) -> Any:
    async with house.client(role) as client:
        response = await client.post(f"/api/v1/{path}", json=body)
    assert response.status_code == status, response.text
    return response.json()


async def use(house: House, start: str, end: str, by: str = "office", every: str = "total") -> dict[str, list[Any]]:
    """Key -> values."""
    found: dict[str, list[Any]] = {}
    for row in (await get(house, f"usage?by={by}&start={start}&end={end}&every={every}"))["rows"]:
        found.setdefault(row["key"], []).append(row["value"])
    return found


async def test_everything_is_the_main_meter_with_shared_air_conditioning(bureau: House) -> None:
    for every in ("hour", "day", "total"):
        main = (await use(bureau, "2026-07-02", "2026-07-04", "meter", every))["main-meter"]
        assert math.fsum(main) == pytest.approx(480.0)
        for by in ("office", "floor", "item", "equipment"):
            found = await use(bureau, "2026-07-02", "2026-07-04", by, every)
            sums = [math.fsum(value for value in row if value is not None) for row in zip(*found.values(), strict=True)]
            assert sums == pytest.approx(main, abs=1e-6), (by, every)
    offices = await use(bureau, "2026-07-02", "2026-07-04")
    assert {key: value for key, (value,) in offices.items()} == pytest.approx(
        {"finance": 2 * DAY, "general": 240.0, "unallocated": 48.0}
    )


async def test_a_correction_holds_until_it_is_revoked(bureau: House) -> None:
    body = {"start": "2026-07-03T00:00:00+08:00", "end": "2026-07-04T00:00:00+08:00", "amount": 10.0, "reason": "表坏"}
    made = await post(bureau, "meters/meter-401/corrections", body)
    assert made["postings"] == []
    assert made["entry"] | {"entry": None} == {
        "id": 1, "kind": "corrections", "entry": None, "author": "the admin_section", "role": "admin_section",
        "entered": "2026-08-03T10:00:00+08:00", "revoked": None,
    }  # fmt: skip
    assert made["entry"]["entry"] == {"meter": "meter-401", **body}
    days = await use(bureau, "2026-07-02", "2026-07-05", every="day")
    assert days["finance"] == pytest.approx([DAY, 10.0 + 48.0, DAY])
    assert days["unallocated"] == pytest.approx([24.0, 24.0 + 38.0, 24.0])
    row = (await get(bureau, "usage?by=meter&start=2026-07-03&end=2026-07-04"))["rows"][1]
    assert (row["key"], row["manual_share"], row["grade"]) == ("meter-401", 1.0, "manual")
    taken = await post(bureau, "entries/corrections/1/revoke", {"reason": "录错"})
    assert taken["entry"]["revoked"] == {
        "by": "the admin_section", "at": "2026-08-03T10:00:00+08:00", "reason": "录错"
    }  # fmt: skip
    assert (await use(bureau, "2026-07-03", "2026-07-04"))["finance"] == pytest.approx([DAY])
    again = await post(bureau, "entries/corrections/1/revoke", {"reason": "再来"}, status=422)
    assert again["code"] == "revoked_before"
    audits = [record.action for record in bureau.journal.audits()]
    assert {"account entry", "account entry revoked"} <= set(audits)


async def test_what_is_entered_is_on_the_board_at_once(house: House) -> None:
    house.fill(local(2026, 7, 15), NOW, {"main-meter.energy_import": line(6.0)})
    assert (await get(house, "board"))["use_today"]["value"] == pytest.approx(62.0)
    body = {"start": "2026-07-15T00:00:00+08:00", "end": "2026-07-15T10:00:00+08:00", "amount": 5.0, "reason": "试"}
    await post(house, "meters/main-meter/corrections", body)
    assert (await get(house, "board"))["use_today"]["value"] == pytest.approx(7.0)
    await post(house, "entries/corrections/1/revoke", {"reason": "试完"})
    assert (await get(house, "board"))["use_today"]["value"] == pytest.approx(62.0)


async def test_a_replacement_joins_the_old_counter_to_the_new(tmp_path: Path) -> None:
    async with books_house(tmp_path, end=local(2026, 7, 3)) as house:
        house.fill(local(2026, 7, 3, 0, 10), local(2026, 7, 5), {"meter-401.energy_import": line(2.0, 5.0)}, step_s=600)
        before = (await use(house, "2026-07-01", "2026-07-05", "meter"))["meter-401"][0]
        body = {
            "at": "2026-07-03T00:05:00+08:00", "closing": 1096.2, "opening": 4.9, "serial": "=SUM(A1)",
            "reason": "轮换",
        }  # fmt: skip
        await post(house, "meters/meter-401/replacements", body)
        after = (await use(house, "2026-07-01", "2026-07-05", "meter"))["meter-401"][0]
        # 96 to midnight, 0.2 up to the old meter's last value, 0.1 from the new one's first, then what was read
        expected = 96.0 + 0.2 + 0.1 + 2.0 * (48.0 - 1 / 6)
        assert after == pytest.approx(expected)
        assert before != pytest.approx(expected)
        detail = await get(house, "meters/meter-401?start=2026-07-01&end=2026-07-05")
        assert [item["entry"]["serial"] for item in detail["replacements"]] == ["=SUM(A1)"]


async def test_a_held_jump_counts_once_it_is_accepted_and_never_when_rejected(tmp_path: Path) -> None:
    async with books_house(tmp_path) as house:
        jumped = {"meter-401.energy_import": line(2.0, 1000.0 + 7 * 48.0 + 500.0)}
        house.fill(local(2026, 7, 8, 0, 10), local(2026, 7, 9), jumped, step_s=600)
        (jump,) = (await get(house, "held-jumps"))["rows"]
        assert (jump["meter"], round(jump["amount"], 6)) == ("meter-401", 500.0)
        assert jump["believable"] == pytest.approx(10 * 1.25 / 6)
        span = {"start": jump["start"], "end": jump["end"]}
        day = ("2026-07-08", "2026-07-09", "meter")
        held = (await use(house, *day))["meter-401"][0]
        assert held < 48.0
        assert (await get(house, "meters/meter-401?start=2026-07-08&end=2026-07-09"))["held"] == [jump]
        wrong = span | {"end": "2026-07-08T05:00:00+08:00", "accepted": True, "reason": "没有这样的"}
        refusal = await post(house, "meters/meter-401/jumps", wrong, status=422)
        assert refusal["code"] == "no_such_jump"
        await post(house, "meters/meter-401/jumps", span | {"accepted": True, "reason": "临时大负荷"})
        assert (await use(house, *day))["meter-401"][0] == pytest.approx(held + 500.0)
        assert (await get(house, "held-jumps"))["rows"] == []
        await post(house, "entries/jumps/1/revoke", {"reason": "看错"})
        assert len((await get(house, "held-jumps"))["rows"]) == 1
        await post(house, "meters/meter-401/jumps", span | {"accepted": False, "reason": "通信错误"})
        assert (await use(house, *day))["meter-401"][0] == pytest.approx(held)
        assert (await get(house, "held-jumps"))["rows"] == []


async def test_a_manual_reading_tells_what_a_silent_day_used(tmp_path: Path) -> None:
    async with house_of(tmp_path) as house:
        silent = line(3.0)
        house.fill(
            local(2026, 7, 12), local(2026, 7, 14),
            {"meter-401.energy_import": lambda hours: None if 12 < hours < 36 else silent(hours)},
        )  # fmt: skip
        question = ("2026-07-12", "2026-07-14", "meter", "day")
        assert (await use(house, *question))["meter-401"] == pytest.approx([36.0, 36.0])
        await post(
            house, "meters/meter-401/readings", {"at": "2026-07-13T00:00:00+08:00", "value": 1070.0, "reason": "抄"}
        )
        assert (await use(house, *question))["meter-401"] == pytest.approx([70.0, 74.0])


async def test_a_back_dated_assignment_restates_what_is_open(bureau: House) -> None:
    await post(bureau, "meters/meter-401/assignments", {"since": "2026-07-03", "office": "general", "reason": "调整"})
    days = await use(bureau, "2026-07-02", "2026-07-04", every="day")
    assert days["finance"] == pytest.approx([DAY, 48.0])
    assert days["general"] == pytest.approx([120.0, 168.0])
    meter = (await get(bureau, "meters/meter-401"))["meter"]
    assert meter["owners"] == [{"office": "general", "share": 1.0}]


async def test_a_closed_month_is_corrected_by_reversal_in_the_open_one(bureau: House) -> None:
    open_months = await get(bureau, "months")
    assert open_months == {"rows": [], "next": None}
    closed = await post(bureau, "months/2026-07/close", {"reason": "月结"})
    told = await get(bureau, "statements/finance/2026-07")
    assert (told["sha256"], told["closed"]) == (closed["sha256"], "2026-08-03T10:00:00+08:00")
    body = {"since": "2026-07-05", "office": "general", "reason": "房间调整"}
    made = await post(bureau, "meters/meter-401/assignments", body)
    lines = [(line["office"], line["kind"], round(line["amount"], 6)) for line in made["postings"]]
    assert lines == [
        ("finance", "reversal", -7 * DAY), ("finance", "booking", 4 * DAY + 3 * 48.0),
        ("general", "reversal", -7 * 120.0), ("general", "booking", 4 * 120.0 + 3 * 168.0),
    ]  # fmt: skip
    assert {(line["month"], line["of_month"]) for line in made["postings"]} == {("2026-08", "2026-07")}
    assert (await get(bureau, "statements/finance/2026-07"))["total"] == told["total"]
    assert (await get(bureau, "statements/finance/2026-08"))["postings"] == made["postings"][:2]
    months = await get(bureau, "months")
    assert (months["next"], len(months["rows"][0]["postings"])) == ("2026-08", 4)
    assert (await post(bureau, "months/2026-07/restate", {"reason": "复核"}))["postings"] == []
    back = await post(bureau, "entries/assignments/1/revoke", {"reason": "不调了"})
    assert math.fsum(line["amount"] for line in back["postings"] + made["postings"]) == pytest.approx(0.0)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("months/2026-08/close", "not_over"), ("months/2026-13/close", "wrong_month"),
        ("months/2026-05/restate", "not_closed"), ("months/x/restate", "wrong_month"),
    ],
)  # fmt: skip
async def test_what_cannot_be_closed_or_restated_is_refused(house: House, path: str, code: str) -> None:
    assert (await post(house, path, {"reason": "试"}, status=422))["code"] == code


async def test_months_close_in_their_order(bureau: House) -> None:
    refusal = await post(bureau, "months/2026-06/close", {"reason": "月结"}, status=403)
    assert "没有任何读数" in str(refusal)
    bureau.fill(local(2026, 6, 10), local(2026, 6, 11), {"main-meter.energy_import": lambda hours: 0.1 * hours})
    await post(bureau, "months/2026-06/close", {"reason": "月结"})
    refusal = await post(bureau, "months/2026-06/close", {"reason": "再结"}, status=422)
    assert (refusal["code"], refusal["fields"][0]["where"]) == ("entry_refused", "body.month")
    reasons = [record.detail for record in bureau.journal.audits() if record.action == "reason for closing a month"]
    assert reasons == [{"month": "2026-06", "reason": "月结"}]


async def test_people_and_area_are_dated(bureau: House) -> None:
    await post(bureau, "offices/finance/headcounts", {"since": "2026-07-17", "people": 12, "reason": "调入"})
    await post(bureau, "offices/finance/areas", {"since": "2026-07-01", "area_m2": 100.0, "reason": "测量"})
    told = await get(bureau, "statements/finance/2026-07")
    assert told["people"] == pytest.approx((16 * 6 + 15 * 12) / 31)
    assert told["area_m2"] == 100.0
    (entry,) = (await get(bureau, "offices/finance/headcounts"))["rows"]
    assert entry["entry"] == {"office": "finance", "since": "2026-07-17", "people": 12, "leaders": 0, "reason": "调入"}
    assert (await get(bureau, "offices/general/headcounts"))["rows"] == []


async def test_a_quota_of_an_office_goes_before_the_general_one(bureau: House) -> None:
    general = {"medium": "electricity", "per": "office", "period": "month", "amount": 1680.0, "since": "2026-01-01",
               "source": "2026 年定额", "reason": "年度"}  # fmt: skip
    await post(bureau, "quotas", general)
    rows = (await get(bureau, "usage?start=2026-07-01&end=2026-08-01&every=month&with=quota"))["rows"]
    found = {row["key"]: (row["quota_allowance"], row["quota_used_share"]) for row in rows}
    assert found["general"] == (1680.0, pytest.approx(0.5))
    assert found["finance"] == (720.0, pytest.approx(7 * DAY / 720.0, abs=1e-6))
    assert found["unallocated"] == (None, None)
    assert len((await get(bureau, "quotas"))["rows"]) == 1
    assert (await get(bureau, "offices/general/quotas"))["rows"] == []


async def test_a_tariff_is_chosen_from_those_there_are(bureau: House) -> None:
    choice = {"medium": "electricity", "tariff": "hunan_2025_single", "since": "2026-07-01", "reason": "电价"}
    for wrong, field in (
        (choice | {"tariff": "../../etc/passwd"}, "body.tariff"), (choice | {"tariff": "no_such"}, "body.tariff"),
        (choice | {"medium": "water"}, "body.medium"),
    ):  # fmt: skip
        refusal = await post(bureau, "tariffs", wrong, status=422)
        assert refusal["fields"][0]["where"] == field
    await post(bureau, "tariffs", choice)
    await post(
        bureau, "tariffs/prices", {"tariff": "hunan_2025_single", "month": "2026-07", "price": 0.5, "reason": "公告"}
    )
    told = await get(bureau, "tariffs")
    assert [row["version"] for row in told["rows"] if row["pays_for"]] == ["hunan_2025_single@2025-08-01"]
    assert [item["entry"]["price"] for item in told["prices"]] == [0.5]
    cost = (await get(bureau, "statements/finance/2026-07"))["media"][0]["cost"]
    assert cost["lines"][0]["price"] == 0.5
    assert cost["lines"][0]["yuan"] == round(7 * DAY * 0.5, 2)


async def test_factors_are_listed_with_their_sources_and_chosen_by_name(bureau: House) -> None:
    told = await get(bureau, "factors")
    assert [item["factors"] for item in told["rows"] if item["holds"]] == ["china_2023"]
    assert all(factor["source"] for item in told["rows"] for factor in item["rows"])
    refusal = await post(
        bureau, "factors", {"factors": "./own.yaml", "since": "2026-01-01", "reason": "试"}, status=422
    )
    assert refusal["fields"][0]["where"] == "body.factors"
    await post(bureau, "factors", {"factors": "china_2023", "since": "2026-01-01", "reason": "年度"})
    assert len((await get(bureau, "factors"))["chosen"]) == 1


async def test_bills_are_kept_for_the_house_and_for_offices(bureau: House) -> None:
    bill = {"office": None, "medium": "oil", "fuel": "petrol", "month": "2026-07", "amount": 320.0, "reason": "加油"}
    await post(bureau, "bills", bill)
    await post(bureau, "bills", bill | {"office": "nobody"}, status=404)
    (row,) = (await get(bureau, "bills"))["rows"]
    assert row["entry"] == bill | {"cost_yuan": None}


ELSEWHERE = ("equipment", "weather", "filings", "patrols", "alarms", "trials", "rules", "almanac")
"""What lies under these is no entry of the account book, and has its own people."""
ENTERING = sorted(path for method, path in ACCESS if method == "POST" and path.split("/")[3] not in ELSEWHERE)


async def test_entering_is_the_administration_sections_and_says_so_first(house: House) -> None:
    for role, status in (
        (None, 401), ("viewer", 403), ("section_operator", 403), ("duty_room", 403), ("admin_section", 422),
        ("administrator", 422),
    ):  # fmt: skip
        async with house.client(role) as client:
            for path in ENTERING:
                response = await client.post(filled(path), json={"unknown": 1})
                assert response.status_code == status, (role, path, response.text)
                if status in (401, 403):
                    assert (await client.post(filled(path), content=b"{")).status_code == status, (role, path)
    assert house.journal.audits() == []


WRONG: list[tuple[str, dict[str, Any], list[dict[str, Any]]]] = [
    ("meters/meter-401/corrections", {"start": "2026-07-03T00:00:00+08:00", "end": "2026-07-04T00:00:00+08:00",
                                      "amount": 10.0, "reason": "x"},
     [{"amount": "10"}, {"amount": None}, {"reason": ""}, {"reason": "  "}, {"start": "2026-07-03T00:00:00"},
      {"end": "2026-07-01T00:00:00+08:00"}, {"end": "2027-07-01T00:00:00+08:00"}, {"extra": 1}]),
    ("meters/meter-401/replacements", {"at": "2026-07-03T00:00:00+08:00", "reason": "x"},
     [{"at": 5}, {"factor": 0.0}, {"factor": -1.0}, {"counter_max": 0.0}, {"at": "2030-01-01T00:00:00+08:00"},
      {"closing": "1"}, {"serial": ""}, {"at": "1960-01-01T00:00:00+08:00"}]),
    ("meters/meter-401/readings", {"at": "2026-07-03T00:00:00+08:00", "value": 5.0, "reason": "x"},
     [{"value": True}, {"value": "5"}, {"at": "2030-01-01T00:00:00+08:00"}]),
    ("meters/meter-401/assignments", {"since": "2026-07-03", "office": "finance", "share": 0.5, "reason": "x"},
     [{"share": 0.0}, {"share": 1.01}, {"office": None}, {"since": "2026-7-3"}, {"since": 5}]),
    ("offices/finance/headcounts", {"since": "2026-07-03", "people": 6, "reason": "x"},
     [{"people": -1}, {"people": 1.5}, {"leaders": 7}, {"people": None}]),
    ("offices/finance/areas", {"since": "2026-07-03", "area_m2": 6.0, "reason": "x"},
     [{"area_m2": -1.0}, {"area_m2": None}]),
    ("offices/finance/quotas", {"medium": "electricity", "per": "head", "period": "month", "amount": 1.0,
                                "since": "2026-01-01", "source": "s", "reason": "x"},
     [{"medium": "steam"}, {"per": "dog"}, {"period": "day"}, {"amount": -1.0}, {"source": ""}, {"item": "lifts"}]),
    ("tariffs/prices", {"tariff": "hunan_2025", "month": "2026-07", "price": 0.6, "reason": "x"},
     [{"month": "2026-7"}, {"month": "2026-13"}, {"price": -0.1}, {"price": "0.6"}]),
    ("bills", {"medium": "oil", "month": "2026-07", "amount": 1.0, "reason": "x"},
     [{"amount": -1.0}, {"cost_yuan": -1.0}, {"fuel": "=cmd"}, {"month": "July"}]),
]  # fmt: skip


async def test_a_body_that_cannot_be_is_refused_in_words(house: House) -> None:
    for path, good, changes in WRONG:
        for change in changes:
            refusal = await post(house, path, good | change, status=422)
            assert refusal["code"] in ("wrong_body", "entry_refused"), change
            assert refusal["fields"][0]["where"].startswith("body."), change
    assert house.journal.audits() == []
    for path, good, _ in WRONG:
        await post(house, path, good)


UNKNOWN = ["meters/no-such/readings", "meters/vrf-1/corrections", "offices/no-such/areas", "entries/readings/99/revoke"]


async def test_what_is_about_nothing_is_a_404(house: House) -> None:
    for path in UNKNOWN:
        assert (await post(house, path, {"reason": "x"}, status=404))["code"] == "unknown_id", path


async def test_the_balance_shows_what_lies_unmetered(tmp_path: Path) -> None:
    async with books_house(tmp_path, remainder_percent=5) as house:
        found = await get(house, "balance?start=2026-07-02&end=2026-07-03")
        main, *others = found["rows"]
        assert (main["meter"], main["level"], main["share"], main["over_limit"]) == ("main-meter", 0, None, True)
        assert main["remainder"]["value"] == pytest.approx(24.0)
        assert (main["known"], main["remainder_share"]) == (pytest.approx(216.0), pytest.approx(0.1))
        assert {row["meter"]: row["share"] for row in others} == pytest.approx(
            {"meter-401": 0.2, "meter-402": 0.3, "meter-vrf": 0.4}
        )
        silent = await get(house, "balance?start=2026-07-20&end=2026-07-21")
        assert (silent["rows"][0]["figure"]["value"], silent["rows"][0]["over_limit"]) == (None, None)
        assert silent["rows"][0]["missing"] == ["meter-401", "meter-402", "meter-vrf"]


async def test_a_counter_between_readings_says_how_far_it_may_be_off(tmp_path: Path) -> None:
    async with house_of(tmp_path) as house:
        house.fill(local(2026, 7, 12, 23, 50), local(2026, 7, 13, 0, 10), counters({"meter-401": 3.0}), step_s=1200)
        rows = (await get(house, "meters/meter-401/readings?start=2026-07-12&end=2026-07-14"))["rows"]
        assert [(row["value"], row["error"]) for row in rows] == [
            (None, None), (pytest.approx(1000.5), pytest.approx(0.5)), (None, None)
        ]  # fmt: skip
        assert (rows[1]["before"], rows[1]["after"], rows[2]["after"]) == (1000.0, 1001.0, None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((0, 10.0), (100, 20.0), (12.5, 7.5)),
        ((25, 10.0), (25, 10.0), (10.0, 0.0)),
        ((0, 0.0), (100, 0.0), (0.0, 0.0)),
        ((0, 10.0), (100, 9.0), (None, None)),
        (None, (100, 20.0), (None, None)),
        ((0, 10.0), None, (None, None)),
    ],
)
async def test_a_counter_is_read_off_the_line_between_two_readings(
    before: tuple[int, float] | None, after: tuple[int, float] | None, expected: tuple[float | None, float | None]
) -> None:
    assert between(25, before, after) == expected


async def test_meters_tell_what_they_said_last(bureau: House) -> None:
    bureau.tell(bureau.clock.now(), {"meter-401.energy_import": 1336.0})
    rows = {row["id"]: row for row in (await get(bureau, "meters"))["rows"]}
    assert (rows["meter-401"]["reading"], rows["meter-401"]["reading_quality"]) == (1336.0, "good")
    assert (rows["meter-402"]["reading"], rows["meter-402"]["reading_time"]) == (None, None)
    assert (rows["meter-vrf"]["shared_out"], rows["meter-vrf"]["feeds"]) == ("vrf-1", "equipment:vrf-1")
    assert rows["meter-401"]["doubts"] == 1


async def test_the_split_of_a_month_can_be_checked_by_hand(bureau: House) -> None:
    found = await get(bureau, "air-conditioning/vrf-1/2026-07")
    assert found["energy_kwh"] == pytest.approx(7 * 96.0)
    assert round(math.fsum(unit["energy_kwh"] for unit in found["units"]), 2) == found["energy_kwh"]
    first = found["spans"][0]
    k, weight = found["parameters"]["k"], found["parameters"]["weight_high"]
    index = (4 * weight / k + 4 * weight) * 5.6
    assert first["indexes"] == pytest.approx({"ac-401": index, "ac-402": index, "ac-archive": 0.0})
    assert first["fractions"]["ac-401"] == pytest.approx(index / first["index_total"])
    async with bureau.client() as client:
        assert (await client.get("/api/v1/air-conditioning/ac-401/2026-07")).status_code == 404
        assert (await client.get("/api/v1/air-conditioning/vrf-1/2027-01")).status_code == 422
