"""Readings leave as tables and come back as they were; what is no reading is counted, named and left out."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from facility.archive.exchange.cells import RowProblem, guarded, number_of, status_of, time_of, unguarded
from facility.archive.exchange.export import Steps, chosen, edges_of, export
from facility.archive.exchange.importing import examined, imported
from facility.archive.exchange.intake import Findings, Rules
from facility.archive.exchange.writing import table_file
from facility.errors import ArchiveRefused
from facility.readings import Batch, Status, to_us
from facility.store import Aggregate
from facility.store.embedded import EmbeddedStore
from tests.facility.archive.memories import START_US, everything, fill
from tests.sites import small_site

SITE = small_site()
SHANGHAI = ZoneInfo("Asia/Shanghai")
BERLIN = ZoneInfo("Europe/Berlin")
HEAD = "time,point,value,unit,quality,reason\n"
MOMENT = "2026-03-01T08:00:00+08:00"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "store")
    yield opened
    opened.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "other")
    yield opened
    opened.close()


def rules(**changes: Any) -> Rules:
    return Rules(known=SITE.points, end_us=to_us(datetime(2026, 12, 1, tzinfo=UTC)), **changes)


def exported(store: EmbeddedStore, path: Path, zone: ZoneInfo = SHANGHAI, *, bom: bool = False) -> None:
    kind = path.suffix.removeprefix(".")
    with table_file(path, kind, zone, aggregated=False, byte_order_mark=bom) as writer:
        export(store, dict.fromkeys(store.points(), ""), -(2**60), 2**60, writer)


def examine(path: Path, text: str | bytes, **changes: Any) -> Findings:
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return examined([path], rules(**changes))


def mistakes(found: Findings) -> list[tuple[int, str]]:
    return [(mistake.line, mistake.text.en) for mistake in found.mistakes]


@pytest.mark.parametrize("zone", [SHANGHAI, BERLIN, ZoneInfo("America/St_Johns")])
@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_store_goes_through_a_table_and_comes_back_the_same(
    store: EmbeddedStore, other: EmbeddedStore, tmp_path: Path, kind: str, zone: ZoneInfo
) -> None:
    fill(store, 600)
    change = to_us(datetime(2026, 3, 29, 0, 30, tzinfo=UTC))  # Berlin's clocks are put forward at 1:00 UTC
    back = to_us(datetime(2025, 10, 26, 0, 30, tzinfo=UTC))  # and back
    for minute in range(0, 90, 10):
        for first in (change, back):
            batch = Batch(time_us=first + minute * 60_000_000 + 1, points=["=1+1", "'quoted"], values=[1e-7, -0.0])
            store.append([batch])
    store.append([Batch(time_us=back, points=["旧系统.用电"], values=[None], statuses=[Status.DISCONNECTED])])
    path = tmp_path / f"table.{kind}"
    exported(store, path, zone, bom=True)
    found = examined([path], rules(any_point=True))
    assert mistakes(found) == []
    imported([path], rules(any_point=True), other, found)
    assert everything(other) == everything(store)
    imported([path], rules(any_point=True), other, found)
    assert everything(other) == everything(store), "imported again it changes nothing"


def test_a_table_in_csv_is_what_a_spreadsheet_expects(store: EmbeddedStore, tmp_path: Path) -> None:
    store.append(
        [
            Batch(time_us=START_US, points=["main-meter.power", "=cmd()"], values=[0.0, 1.5]),
            Batch(time_us=START_US + 1, points=["main-meter.power"], values=[None], statuses=[Status.TIMEOUT]),
        ]
    )
    path = tmp_path / "table.csv"
    with table_file(path, "csv", SHANGHAI, aggregated=False, byte_order_mark=True) as writer:
        done = export(store, {"main-meter.power": "kW", "=cmd()": "", "nobody": ""}, START_US, START_US + 9, writer)
    assert (done.rows, done.points, done.missing) == (3, 2, 1)
    assert path.read_bytes().startswith(b"\xef\xbb\xbftime,point,value,unit,quality,reason\r\n")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))[1:]
    assert rows == [
        [MOMENT, "main-meter.power", "0.0", "kW", "good", ""],
        ["2026-03-01T08:00:00.000001+08:00", "main-meter.power", "", "kW", "bad", "timeout"],
        [MOMENT, "'=cmd()", "1.5", "", "good", ""],
    ]


def test_a_table_in_parquet_has_types(store: EmbeddedStore, tmp_path: Path) -> None:
    fill(store, 10)
    exported(store, tmp_path / "table.parquet")
    file = parquet.ParquetFile(tmp_path / "table.parquet")
    kinds = {field.name: str(field.type) for field in file.schema_arrow}
    assert kinds["time"] == "timestamp[us, tz=Asia/Shanghai]"
    assert (kinds["value"], kinds["point"], kinds["reason"]) == ("double", "string", "string")
    assert file.metadata.row_group(0).column(2).compression == "ZSTD"
    table = file.read()
    assert table.column("value").null_count == 1, "a missing value is null"
    assert table.num_rows == 40
    file.close()


def test_a_file_that_was_not_finished_is_not_there(tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        with pytest.raises(KeyboardInterrupt), table_file(tmp_path / f"t.{kind}", kind, SHANGHAI, aggregated=False):
            raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []


def test_days_are_local_days_also_when_the_clocks_change() -> None:
    def edges(start: datetime, end: datetime, every: timedelta) -> list[float]:
        steps = Steps(every=every, how=Aggregate.MEAN, hold_us=1, zone=BERLIN)
        return [(edge - to_us(start)) / 3_600_000_000 for edge in edges_of(to_us(start), to_us(end), steps)]

    start = datetime(2026, 3, 28, tzinfo=BERLIN)
    assert edges(start, datetime(2026, 3, 31, tzinfo=BERLIN), timedelta(days=1)) == [0, 24, 47, 71]
    late = datetime(2026, 3, 28, 0, 10, tzinfo=BERLIN)
    assert edges(late, datetime(2026, 3, 28, 1, 0, tzinfo=BERLIN), timedelta(minutes=30)) == [0, 1 / 3, 5 / 6]


def test_aggregated_rows_tell_gaps_and_are_never_taken_for_readings(store: EmbeddedStore, tmp_path: Path) -> None:
    hour = 3_600_000_000
    store.append([Batch(time_us=START_US + hour, points=["m.power"], values=[0.0])])
    path = tmp_path / "table.csv"
    steps = Steps(every=timedelta(hours=1), how=Aggregate.MEAN, hold_us=hour // 2, zone=SHANGHAI)
    with table_file(path, "csv", SHANGHAI, aggregated=True) as writer:
        done = export(store, {"m.power": "kW"}, START_US, START_US + 2 * hour, writer, steps=steps)
    assert (done.rows, done.missing) == (2, 1)
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[1:] == [f"{MOMENT},m.power,,kW,0", "2026-03-01T09:00:00+08:00,m.power,0.0,kW,0.5"]
    with pytest.raises(ArchiveRefused, match="aggregated intervals"):
        examined([path], rules())


def test_points_are_chosen_by_patterns() -> None:
    points = ["ac-1.on", "ac-1.power", "meter.power"]
    assert chosen(points, []) == points
    assert chosen(points, ["*.power", "ac-1.o?"]) == points
    assert chosen(points, ["meter.*"]) == ["meter.power"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2026-03-01T08:00:00,main-meter.power,1,kW,good,", "no offset"),
        ("2026-02-30T08:00:00+08:00,main-meter.power,1,kW,good,", "is not a time"),
        ("1700000000,main-meter.power,1,kW,good,", "is not a time"),
        (",main-meter.power,1,kW,good,", "is not a time"),
        ("1969-12-31T00:00:00Z,main-meter.power,1,kW,good,", "before 1970"),
        ("2099-01-01T00:00:00Z,main-meter.power,1,kW,good,", "ahead of now"),
        ("9999-12-31T23:59:59-12:00,main-meter.power,1,kW,good,", "ahead of now|out of range"),
        (f"{MOMENT},main-meter.powr,1,kW,good,", "did you mean `main-meter.power`"),
        (f"{MOMENT},,1,kW,good,", "cannot be a point"),
        (f"{MOMENT},main-meter.power,,kW,good,", "no value"),
        (f"{MOMENT},main-meter.power,,kW,,", "no value"),
        (f"{MOMENT},main-meter.power,,kW,bad,", "differ"),
        (f"{MOMENT},main-meter.power,1,kW,bad,timeout", "there is a value"),
        (f"{MOMENT},main-meter.power,1,kW,good,timeout", "differ"),
        (f"{MOMENT},main-meter.power,1,kW,great,", "none of good, uncertain, bad"),
        (f"{MOMENT},main-meter.power,1,kW,good,because", "the reason 'because'"),
        (f"{MOMENT},main-meter.power,1,W,good,", "measured in kW"),
        (f"{MOMENT},main-meter.power,1e9,kW,good,", "cannot be 1e"),
        (f"{MOMENT},main-meter.power,nan,kW,good,", "not a number"),
        (f"{MOMENT},main-meter.power,1e999,kW,good,", "not a finite number"),
        (f'{MOMENT},main-meter.power,"1,5",kW,good,', "not a number"),
        (f"{MOMENT},main-meter.power,1_0,kW,good,", "not a number"),
        (f"{MOMENT},main-meter.power,１２,kW,good,", "not a number"),
        (f"{MOMENT},main-meter.power,=1+1,kW,good,", "not a number"),
        (f"{MOMENT},main-meter.power,1,kW,good", "5 cells instead of 6"),
        (f"{MOMENT},main-meter.power,1,kW,good,,", "7 cells instead of 6"),
    ],
)
def test_a_bad_row_is_named_with_its_line_and_the_others_are_counted(tmp_path: Path, row: str, said: str) -> None:
    good = f"{MOMENT},main-meter.power,0,kW,good,\n"
    found = examine(tmp_path / "t.csv", f"{HEAD}{good}\n{row}\n{good}")
    assert (found.readings, found.bad_rows) == (2, 1)
    [(line, text)] = mistakes(found)
    assert line == 4
    import re

    assert re.search(said, text), text


def test_many_mistakes_are_counted_and_the_first_twenty_named(tmp_path: Path) -> None:
    found = examine(tmp_path / "t.csv", HEAD + f"{MOMENT},main-meter.power,x,kW,good,\n" * 50)
    assert (found.bad_rows, len(found.mistakes)) == (50, 20)
    found = examine(tmp_path / "t.csv", HEAD + f"{MOMENT},stranger,1,kW,good,\n" * 50)
    assert (found.bad_rows, len(found.mistakes), found.strangers) == (50, 1, {"stranger": 50})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "head line"),
        (b"a,b\n1,2\n", "head line"),
        (b"time,time,value\n", "none twice"),
        (HEAD.encode() + "2026,办公室".encode("gb18030"), "--encoding gb18030"),
        (HEAD.encode("utf-16"), "utf-16"),
        (HEAD.encode() + b'x,"never closed\n' + b"y\n" * 9, "no CSV from line"),
        (HEAD.encode() + b"x," + b"y" * 200_000 + b"\n", "no CSV from line 2"),
        (b"PAR1 and nothing else", "cannot be read"),
        (b"time,main-meter.power,who\n", "--map COLUMN=POINT"),
    ],
)
def test_a_file_that_is_no_table_is_refused_whole(tmp_path: Path, content: bytes, said: str) -> None:
    with pytest.raises(ArchiveRefused, match=said):
        examine(tmp_path / "t", content)


def test_a_table_from_a_chinese_spreadsheet_is_read_when_told_how(tmp_path: Path) -> None:
    text = "时间;总表功率;备注\n2026/3/1 8:00;1.5;好\n2026/3/1 8:15:30;;\n2026-03-01 08:30;0;\n"
    found = examine(
        tmp_path / "t.csv", text.encode("gb18030"), encoding="gb18030", time_column="时间", local=SHANGHAI,
        columns={"总表功率": "main-meter.power", "备注": ""},
    )  # fmt: skip
    assert mistakes(found) == []
    assert (found.readings, found.missing) == (2, 0), "an empty cell of a wide table is no reading"
    assert (found.first_us, found.last_us) == (START_US, START_US + 1_800_000_000)


def test_a_wide_table_takes_points_by_name_and_names_the_bad_column(tmp_path: Path) -> None:
    head = "time,main-meter.power,climate-401.temperature\n"
    found = examine(tmp_path / "t.csv", f"{head}{MOMENT},1,21.5\n{MOMENT},1,warm\n{MOMENT},,\n")
    assert (found.readings, found.bad_rows) == (2, 1)
    assert mistakes(found) == [(3, "column climate-401.temperature: 'warm' is not a number")]
    with pytest.raises(ArchiveRefused, match="who"):
        examine(tmp_path / "t.csv", f"{head}{MOMENT},1,2\n", columns={"who": "main-meter.power"})


@pytest.mark.parametrize(("text", "said"), [("2026-03-29T02:30:00", "skips"), ("2025-10-26T02:30:00", "twice")])
def test_a_local_time_that_is_not_one_moment_is_refused(text: str, said: str) -> None:
    with pytest.raises(RowProblem, match=said):
        time_of(text, BERLIN)
    assert time_of("2026-03-29T03:30:00", BERLIN) == to_us(datetime(2026, 3, 29, 1, 30, tzinfo=UTC))


def test_foreign_parquet_is_held_to_the_same_rules(tmp_path: Path, other: EmbeddedStore) -> None:
    path = tmp_path / "t.parquet"
    naive, value = [datetime(2026, 3, 1, 8, minute) for minute in range(4)], [1.0, float("nan"), None, 0.0]  # noqa: DTZ001
    quality = ["good", "bad", "good", None]
    columns = {"time": naive, "point": ["main-meter.power"] * 4, "value": value, "quality": quality}
    parquet.write_table(pa.table({**columns, "reason": [None, "timeout", None, None]}), path)
    assert examined([path], rules()).bad_rows == 4, "no zone"
    found = examined([path], rules(local=SHANGHAI))
    assert mistakes(found) == [(3, "there is no value, and no bad quality with its reason")]
    imported([path], rules(local=SHANGHAI), other, found)
    assert everything(other)["main-meter.power"] == [
        (START_US, 1.0, 0),
        (START_US + 60_000_000, None, int(Status.TIMEOUT)),
        (START_US + 180_000_000, 0.0, 0),
    ]
    nanoseconds = np.array([START_US * 1000 + 999], "datetime64[ns]")
    for times, problem in ((pa.array([1, 2]), "bare numbers"), (pa.array(nanoseconds), None)):
        count = len(times)
        parquet.write_table(
            pa.table({"time": times, "point": ["main-meter.power"] * count, "value": pa.array([1] * count)}), path
        )
        if problem is None:
            assert examined([path], rules(local=ZoneInfo("UTC"))).first_us == START_US
        else:
            with pytest.raises(ArchiveRefused, match=problem):
                examined([path], rules())
    parquet.write_table(pa.table({"time": ["x"], "point": [1], "value": [[1.0]]}), path)
    assert examined([path], rules()).bad_rows == 1


@given(st.text())
def test_no_name_is_a_formula_and_every_name_comes_back(name: str) -> None:
    shown = guarded(name)
    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))
    assert unguarded(shown) == name


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_value_comes_back_to_the_bit(value: float) -> None:
    back = number_of(repr(value))
    assert back is not None
    assert np.float64(back).tobytes() == np.float64(value).tobytes()


@pytest.mark.parametrize("status", list(Status))
def test_every_status_comes_back(status: Status) -> None:
    words = (status.quality.value, status.reason or "")
    assert status_of(*words, missing=status >= 128) is status
    assert status_of("", status.reason, missing=status >= 128) is status
