"""What would make a line that is too busy fit again: each proposal reckoned through, none told that does not help."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from facility.model.line_budget import NEARLY_FULL, Polled, PolledLine, class_periods_s, line_budget
from facility.model.lines import SerialSettings
from facility.profiles.schema import PollClass
from facility.text import Text

BAUD_RATES: Final = (1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200)
PERIODS_S: Final = (1, 2, 3, 5, 10, 15, 20, 30, 60, 120, 180, 300, 600, 900, 1200, 1800, 3600)
MOST_LINES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """One proposal, and the share of each second the line (of several, the fullest) would then need."""

    text: Text
    share: float


def reliefs(line: PolledLine) -> tuple[Relief, ...]:
    """The mildest of each sort that brings a line down to `NEARLY_FULL`; none where nothing of that sort does."""
    found = (next(options, None) for options in (_faster(line), _slower(line), _split(line)))
    return tuple(relief for relief in found if relief is not None)


def _fits(line: PolledLine) -> float | None:
    """The share of a line that has room, None of one that has not."""
    share = line_budget(line).share
    return share if share <= NEARLY_FULL else None


def _faster(line: PolledLine) -> Iterator[Relief]:
    if not isinstance(line.link, SerialSettings):
        return
    for baudrate in BAUD_RATES:
        share = None
        if baudrate > line.link.baudrate:
            share = _fits(replace(line, link=line.link.model_copy(update={"baudrate": baudrate})))
        if share is not None:
            yield Relief(
                text=Text(
                    f"把线路及其设备的波特率提高到 {baudrate}（占 {share:.0%}）",
                    f"raise the line and its devices to {baudrate} baud ({share:.0%})",
                ),
                share=share,
            )


def _slower(line: PolledLine) -> Iterator[Relief]:
    """The poll class that weighs most first."""
    for period in sorted(line_budget(line).periods, key=lambda period: -period.share):
        for period_s in PERIODS_S:
            share = _fits(_with_period(line, period.classes, period_s)) if period_s > period.period_s else None
            if share is not None:
                keys = [f"polls.{name.value}_s" for name in period.classes]
                yield Relief(
                    text=Text(
                        f"把 `{'`、`'.join(keys)}` 放慢到 {period_s}（对全站有效；占 {share:.0%}）",
                        f"slow `{'`, `'.join(keys)}` down to {period_s}, for the whole site ({share:.0%})",
                    ),
                    share=share,
                )


def _with_period(line: PolledLine, classes: Sequence[PollClass], period_s: float) -> PolledLine:
    update = {f"{name.value}_s": float(period_s) for name in classes if name in class_periods_s(line.polls)}
    return replace(line, polls=line.polls.model_copy(update=update))


def _split(line: PolledLine) -> Iterator[Relief]:
    for count in range(2, min(MOST_LINES, len(line.devices)) + 1):
        shares = [_fits(part) for part in _parts(line, count)]
        fitting = [share for share in shares if share is not None]
        if len(fitting) == len(shares):
            share = max(fitting)
            yield Relief(
                text=Text(
                    f"把 {len(line.devices)} 台设备分到 {count} 条线路（最满的占 {share:.0%}）",
                    f"share its {len(line.devices)} devices out to {count} lines ({share:.0%} on the fullest)",
                ),
                share=share,
            )


def _parts(line: PolledLine, count: int) -> list[PolledLine]:
    """The devices dealt out, the heaviest first, each to the line that has least to do."""
    weights = [(line_budget(replace(line, devices=(polled,))).share, polled) for polled in line.devices]
    parts: list[tuple[float, list[Polled]]] = [(0.0, []) for _ in range(count)]
    for share, polled in sorted(weights, key=lambda weight: -weight[0]):
        place = min(range(count), key=lambda number: parts[number][0])
        parts[place] = (parts[place][0] + share, [*parts[place][1], polled])
    return [replace(line, devices=tuple(devices)) for _, devices in parts]
