"""Forecasts laid into a folder: read, the newest issue used, a bad file named and left where it is."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import orjson
import pytest

from facility.errors import BadAnswer, LinkDown
from gateway.weather.forecast_file import LARGEST_BYTES, ForecastFolder, parse_csv
from tests.gateway.weather.forecast_server import document

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 7, 15)
NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
TABLE = "发布时间,日期,最高气温,最低气温\n2026-07-15 06:00,2026-07-15,34.5,26\n2026-07-15 06:00,2026/07/16,0,\n"


def lay(folder: Path, name: str, content: str | bytes, age_s: float = 60.0) -> Path:
    """A file that was put there a while ago."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    then = path.stat().st_mtime - age_s
    os.utime(path, (then, then))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_in_the_encodings_of_the_office_is_read(encoding: str) -> None:
    told = parse_csv(TABLE.encode(encoding), zone=SHANGHAI, fetched=NOON)
    assert dict(told.forecast.daily_max_c) == {DAY: 34.5, date(2026, 7, 16): 0.0}
    assert dict(told.daily_min_c) == {DAY: 26.0}
    assert told.forecast.issued == datetime(2026, 7, 14, 22, 0, tzinfo=UTC)
    assert (told.forecast.provider, told.forecast.entered_by) == ("file", None)


def test_headings_may_be_english_and_a_time_may_have_its_offset() -> None:
    table = b"date,issued,max_c\n2026-07-15,2026-07-14T22:00Z,34\n\n"
    told = parse_csv(table, zone=SHANGHAI, fetched=NOON)
    assert told.forecast.issued == datetime(2026, 7, 14, 22, 0, tzinfo=UTC)
    assert dict(told.daily_min_c) == {}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", "heading lacks issued, date, max_c"),
        ("date,max_c\n2026-07-15,34", "heading lacks issued"),
        ("issued,date,max_c\n", "no day"),
        ("issued,date,max_c\n2026-07-15 06:00,15.7.,34", "line 2 has '15.7.'"),
        ("issued,date,max_c\n2026-07-15 06:00,2026-07-15,warm", "line 2 has 'warm'"),
        ("issued,date,max_c\n2026-07-15 06:00,2026-07-15,", "line 2 has no maximum"),
        ("issued,date,max_c\n2026-07-15 06:00,2026-07-15,85", "expected -60..60"),
        ("issued,date,max_c\n2026-07-15 06:00,2026-07-15,nan", "expected a number"),
        ("issued,date,max_c\nearly,2026-07-15,34", "issued is 'early'"),
        ("issued,date,max_c\n2026-07-15 18:00,2026-07-15,34", "but it is only"),
        ("issued,date,max_c\n2026-07-15 06:00,2026-07-15,34\n2026-07-15 06:00,2026-07-15,35", "line 3 names"),
        ("issued,date,max_c\n2026-07-15 06:00,2026-07-15,34\n2026-07-15 07:00,2026-07-16,35", "different times"),
    ],
)
def test_a_table_that_cannot_be_true_is_refused_with_its_line(table: str, words: str) -> None:
    with pytest.raises(BadAnswer, match=words):
        parse_csv(table.encode(), zone=SHANGHAI, fetched=NOON)


@pytest.mark.asyncio
async def test_the_newest_issue_counts_not_the_newest_file(tmp_path: Path) -> None:
    lay(tmp_path, "a.csv", TABLE, age_s=3600)
    lay(tmp_path, "b.JSON", orjson.dumps(document(DAY, [30.0], issued="2026-07-15T05:00:00")))
    told = await ForecastFolder(str(tmp_path), SHANGHAI).told(NOON)
    assert told.forecast.daily_max_c[DAY] == 34.5


@pytest.mark.asyncio
async def test_a_bad_file_is_named_and_left_and_the_good_one_used(tmp_path: Path) -> None:
    folder = ForecastFolder(str(tmp_path), SHANGHAI)
    lay(tmp_path, "good.csv", TABLE)
    bad = lay(tmp_path, "bad.csv", "nonsense")
    lay(tmp_path, "no issue.json", orjson.dumps(document(DAY, [30.0])))
    lay(tmp_path, "broken.json", b"{")
    lay(tmp_path, "huge.csv", b" " * (LARGEST_BYTES + 1))
    lay(tmp_path, "letter.txt", "not looked at")
    assert (await folder.told(NOON)).forecast.daily_max_c[DAY] == 34.5
    assert sorted(folder.bad) == ["bad.csv", "broken.json", "huge.csv", "no issue.json"]
    assert "issued" in folder.bad["no issue.json"]
    bad.unlink()
    await folder.told(NOON)
    assert "bad.csv" not in folder.bad


@pytest.mark.asyncio
async def test_a_file_that_is_still_being_copied_waits(tmp_path: Path) -> None:
    folder = ForecastFolder(str(tmp_path), SHANGHAI)
    path = lay(tmp_path, "new.csv", "发布时间,日", age_s=0)
    assert await folder.stamps() == frozenset()
    lay(tmp_path, "new.csv", TABLE, age_s=3)
    assert [stamp[0] for stamp in await folder.stamps()] == [path.name]


@pytest.mark.asyncio
async def test_a_file_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    folder = ForecastFolder(str(tmp_path), SHANGHAI)
    lay(tmp_path, "a.csv", TABLE)
    first = await folder.told(NOON)
    assert await folder.told(NOON + timedelta(hours=1)) is first
    lay(tmp_path, "a.csv", TABLE.replace("34.5", "36.0"), age_s=30)
    assert (await folder.told(NOON)).forecast.daily_max_c[DAY] == 36.0


@pytest.mark.asyncio
async def test_an_empty_folder_and_none_at_all_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadAnswer, match="no usable forecast"):
        await ForecastFolder(str(tmp_path), SHANGHAI).told(NOON)
    gone = ForecastFolder(str(tmp_path / "gone"), SHANGHAI)
    with pytest.raises(LinkDown, match="cannot be read"):
        await gone.told(NOON)
    assert await gone.stamps() == frozenset()
