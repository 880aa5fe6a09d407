"""What came of the year, as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

from tests.year.comfort import HIGH_C, LOW_C, Comfort

HEAD: Final = (
    "| month | days | minute days | starts | most per unit and day | breaches "
    "| in band, ours | in band, none | overheated h, ours | overheated h, none | cold h, ours | cold h, none "
    "| kWh, ours | kWh, none |"
)


def table(days: Sequence[dict[str, Any]]) -> str:
    """One line a month and one for all, then what was broken, clause by clause. `none` is without control."""
    lines = [HEAD, "|" + "---|" * (HEAD.count("|") - 1)]
    months = sorted({day["day"][:7] for day in days})
    lines += [_line(month, [day for day in days if day["day"].startswith(month)]) for month in months]
    lines.append(_line("all", days))
    lines.append("")
    lines.append(f"Band: {LOW_C:g} to {HIGH_C:g} C in occupied rooms; hours are room-hours.")
    lines += _broken(days)
    return "\n".join(lines)


def _line(name: str, days: Sequence[dict[str, Any]]) -> str:
    ours = Comfort.sum_of(day["controlled"] for day in days)
    compared = [day for day in days if day["uncontrolled"] is not None]
    none = Comfort.sum_of(day["uncontrolled"] for day in compared) if compared else None
    cells = [
        name,
        str(len(days)),
        str(sum(1 for day in days if day["cadence_s"] <= 60)),
        str(sum(day["starts"] for day in days)),
        str(max((day["starts_most"] for day in days), default=0)),
        str(sum(len(day["breaches"]) for day in days)),
        *_pair(_share(ours), None if none is None else _share(none)),
        *_pair(f"{ours.hot / 60:,.0f}", None if none is None else f"{none.hot / 60:,.0f}"),
        *_pair(f"{ours.cold / 60:,.0f}", None if none is None else f"{none.cold / 60:,.0f}"),
        *_pair(_kwh(ours), None if none is None else _kwh(none)),
    ]
    return "| " + " | ".join(cells) + " |"


def _pair(ours: str, none: str | None) -> tuple[str, str]:
    return ours, "-" if none is None else none


def _share(comfort: Comfort) -> str:
    return "-" if comfort.occupied == 0 else f"{100 * comfort.inside / comfort.occupied:.1f} %"


def _kwh(comfort: Comfort) -> str:
    return f"{comfort.outdoor_kwh + comfort.indoor_kwh:,.0f}"


def _broken(days: Sequence[dict[str, Any]]) -> Iterator[str]:
    counts = Counter(breach["clause"] for day in days for breach in day["breaches"])
    yield ""
    yield (
        "No breach." if not counts else "Breaches: " + ", ".join(f"{clause} {n}" for clause, n in counts.most_common())
    )
