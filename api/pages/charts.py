"""Charts as ECharts options. A gap is drawn as a gap, with its own pattern, and never as zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.pages import texts
from facility.quantities import CANONICAL, Quantity

if TYPE_CHECKING:
    from api.pages.wording import Wording
    from api.services.history import History

INK: Final = "#4a5868"
LINE: Final = "#dbe1e8"
FULL: Final = "#1b6aa8"
PART: Final = "#a9cbe6"
COLOURS: Final = ("#1b6aa8", "#b4501c", "#1b7a4b", "#7a4ea3", "#8a6d00", "#5a6b7b")
FONT: Final = '"Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif'
COMPLETE: Final = 0.995
STATELESS: Final = CANONICAL[Quantity.STATE].unit

_HATCH: Final = {
    "symbol": "rect", "color": "#c3ccd6", "dashArrayX": [1, 0], "dashArrayY": [2, 5], "rotation": -0.785,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One interval of a bar chart; `value` None: a gap; `to_come`: not begun yet, neither use nor gap."""

    label: str
    value: float | None
    completeness: float
    to_come: bool = False


def bars(bars: Sequence[Bar], unit: str, words: Wording) -> dict[str, Any]:
    """Use by interval: full bars, lighter ones where data is partial, a hatched column where there is none."""
    data = [
        {"value": None if bar.value is None else round(bar.value, 3), "itemStyle": {"color": _colour(bar)}}
        for bar in bars
    ]
    gaps = [1 if bar.value is None and not bar.to_come else None for bar in bars]
    no_data = words.say(texts.GAP)
    return {
        **_base(),
        "grid": {"left": 8, "right": 12, "top": 34, "bottom": 8, "containLabel": True},
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}, **_tooltip_font()},
        "xAxis": {
            "type": "category",
            "data": [bar.label for bar in bars],
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisTick": {"show": False},
            "axisLabel": {"color": INK, "hideOverlap": True},
        },
        "yAxis": [_axis(unit), {"type": "value", "min": 0, "max": 1, "show": False}],
        "series": [
            {
                "type": "bar",
                "name": unit,
                "data": data,
                "barCategoryGap": "28%",
                "barMaxWidth": 42,
                ":tooltip": _value_tooltip(unit),
            },
            {
                "type": "bar",
                "name": no_data,
                "yAxisIndex": 1,
                "data": gaps,
                "barGap": "-100%",
                "barMaxWidth": 42,
                "itemStyle": {"color": "#eef1f5", "decal": _HATCH},
                ":tooltip": "{valueFormatter: value => ''}",
                "silent": True,
            },
        ],
    }


def lines(histories: Sequence[History], names: Sequence[str], words: Wording) -> dict[str, Any]:
    """Several points over time, an axis for each unit (two are shown), states as steps. Silence breaks the line."""
    units = list(dict.fromkeys(history.unit for history in histories))
    return {
        **_base(),
        "grid": {"left": 8, "right": 14, "top": 62, "bottom": 8, "containLabel": True},
        "legend": {"top": 0, "left": 0, "type": "scroll", "textStyle": {"color": INK, "fontFamily": FONT}},
        "tooltip": {"trigger": "axis", **_tooltip_font()},
        "xAxis": {
            "type": "time",
            "axisLine": {"lineStyle": {"color": LINE}},
            "axisLabel": {
                "color": INK,
                "hideOverlap": True,
                "formatter": {"year": "{yyyy}", "month": "{MM}-{dd}", "day": "{MM}-{dd}", "hour": "{HH}:{mm}"},
            },
        },
        "yAxis": [_unit_axis(unit, index, words) for index, unit in enumerate(units)] or [_axis("")],
        "dataZoom": [{"type": "inside", "zoomOnMouseWheel": "ctrl"}],
        "series": [
            _line(history, name, units.index(history.unit), words.unit(history.unit))
            for history, name in zip(histories, names, strict=True)
        ],
    }


def _line(history: History, name: str, axis: int, unit: str) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "yAxisIndex": axis,
        "showSymbol": False,
        "connectNulls": False,
        "step": "end" if history.unit == STATELESS else False,
        "lineStyle": {"width": 1.8},
        "data": [
            [f"{row.time:%Y-%m-%dT%H:%M:%S}", None if row.value is None else round(row.value, 3)]
            for row in history.rows
        ],
        ":tooltip": _value_tooltip(unit),
    }


def _base() -> dict[str, Any]:
    return {"animation": False, "color": list(COLOURS), "textStyle": {"fontFamily": FONT}}


def _tooltip_font() -> dict[str, Any]:
    return {"textStyle": {"fontFamily": FONT, "fontSize": 13}, "confine": True}


def _axis(unit: str) -> dict[str, Any]:
    return {
        "type": "value",
        "name": unit,
        "nameTextStyle": {"color": INK, "align": "left"},
        "splitLine": {"lineStyle": {"color": LINE, "type": "dashed"}},
        "axisLabel": {"color": INK},
    }


def _unit_axis(unit: str, index: int, words: Wording) -> dict[str, Any]:
    axis = _axis(words.unit(unit))
    shown = index < 2 and unit != STATELESS
    return {
        **axis,
        "show": shown,
        "scale": unit != STATELESS,
        "position": "left" if index % 2 == 0 else "right",
        "nameTextStyle": {"color": INK, "align": "left" if index % 2 == 0 else "right"},
        "splitLine": {"show": index == 0, "lineStyle": {"color": LINE, "type": "dashed"}},
    }


def _value_tooltip(unit: str) -> str:
    """A JavaScript expression: the value with its unit, a dash where there is none."""
    suffix = f" {unit}".replace("'", "").replace("\\", "") if unit else ""
    return "{valueFormatter: value => value == null ? '\u2014' : value + '" + suffix + "'}"


def _colour(bar: Bar) -> str:
    return FULL if bar.completeness >= COMPLETE else PART
