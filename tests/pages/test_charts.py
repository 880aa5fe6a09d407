"""Charts show what is known: a gap is a gap, nought is nought, and what has not begun is neither."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from api.pages.charts import FULL, PART, Bar, bars, lines
from api.pages.wording import Wording
from api.services.history import History, HistoryRow
from api.shapes import Bilingual

ZONE = ZoneInfo("Asia/Shanghai")
WORDS = Wording(language="zh", zone=ZONE)
START = datetime(2026, 7, 15, 8, 0, tzinfo=ZONE)


def history(name: str, unit: str, values: list[float | None]) -> History:
    rows = [
        HistoryRow(time=START + timedelta(minutes=5 * index), value=value, quality="bad" if value is None else "good")
        for index, value in enumerate(values)
    ]
    return History(id=name, name=Bilingual(zh=name, en=name), unit=unit, aggregate="mean", every_s=300.0, rows=rows)


def test_a_gap_is_hatched_and_has_no_value_while_zero_is_a_bar() -> None:
    drawn = bars(
        [
            Bar(label="08:00", value=0.0, completeness=1.0),
            Bar(label="09:00", value=None, completeness=0.0),
            Bar(label="10:00", value=1.5, completeness=0.4),
            Bar(label="11:00", value=None, completeness=0.0, to_come=True),
        ],
        "kWh",
        WORDS,
    )
    use, gaps = drawn["series"]
    assert [point["value"] for point in use["data"]] == [0.0, None, 1.5, None]
    assert gaps["data"] == [None, 1, None, None]
    assert [point["itemStyle"]["color"] for point in use["data"][0:3:2]] == [FULL, PART]


def test_silence_breaks_a_line_and_states_are_steps() -> None:
    drawn = lines(
        [history("t", "Cel", [28.0, None, 0.0]), history("on", "1", [0.0, 1.0, 1.0])], ["室温", "开关"], WORDS
    )
    temperature, state = drawn["series"]
    assert temperature["data"] == [
        ["2026-07-15T08:00:00", 28.0],
        ["2026-07-15T08:05:00", None],
        ["2026-07-15T08:10:00", 0.0],
    ]
    assert temperature["connectNulls"] is False
    assert (temperature["step"], state["step"]) == (False, "end")
    assert (temperature["yAxisIndex"], state["yAxisIndex"]) == (0, 1)
    assert [axis["show"] for axis in drawn["yAxis"]] == [True, False]


def test_a_units_name_cannot_break_out_of_the_tooltip() -> None:
    drawn = bars([Bar(label="x", value=1.0, completeness=1.0)], "k'Wh\\", WORDS)
    assert drawn["series"][0][":tooltip"].endswith("' kWh'}")
