"""Years of a real meter's hourly use, lived through by counters that roll over, break, stick, jump and are replaced."""

from __future__ import annotations

import csv
import gzip
import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from facility.accounting.counters import CounterRules
from facility.accounting.entries import Correction, JumpVerdict, ManualReading, MeterHistory, Replacement
from facility.accounting.use import Gap, GapKind
from facility.readings import Batch, to_us
from tests.facility.accounting.ledger import HOUR_US, NO_HISTORY

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
POINT = "main-meter.energy_import"
BRIDGE_H = 3
STEP = 0.00001

KINDS = (
    "reset", "replaced", "replaced unread", "short gap", "long gap", "gap over a month's end",
    "gap with a person's reading", "spike", "zero", "stuck", "jump", "jump accepted", "jump rejected", "jump corrected",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HourlyUse:
    """kWh of neighbouring hours, and the n + 1 times that bound them."""

    times_us: npt.NDArray[np.int64]
    use_kwh: npt.NDArray[np.float64]


def hourly_use(name: str) -> HourlyUse:
    """One of the files; a last row without a value only ends the last hour."""
    with gzip.open(DATA / name, "rt") as file:
        rows = [(datetime.fromisoformat(row["start"]), row["value"]) for row in csv.DictReader(file)]
    if rows[-1][1]:
        rows.append((rows[-1][0] + timedelta(hours=1), ""))
    return HourlyUse(
        times_us=np.array([to_us(time) for time, _ in rows], np.int64),
        use_kwh=np.array([float(value) for _, value in rows[:-1]]),
    )


@dataclass(slots=True, kw_only=True)
class Lived:
    """What a store and people know of the meter, and what its account must say.

    `booked` is what each hour must have of use; `gaps` what must be stated; `lost` what hours used that nobody can
    know; `added` what a person accepted that was never used; `counts` how often each thing happened.
    """

    rules: CounterRules
    batches: list[Batch] = field(default_factory=list)
    history: MeterHistory = NO_HISTORY
    booked: npt.NDArray[np.float64]
    lost: npt.NDArray[np.float64]
    added: float = 0.0
    gaps: list[Gap] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)


class Meter:
    """One place in the house; walks through the hours and lets things happen to its counter.

    `months_us` are the ends of months.
    """

    def __init__(self, data: HourlyUse, seed: int, months_us: Sequence[int] = ()) -> None:
        self._times, self._use = data.times_us, data.use_kwh
        self._total = np.concatenate(([0.0], np.cumsum(data.use_kwh)))
        self._months = np.searchsorted(data.times_us, months_us).tolist()
        self._random = random.Random(seed)
        self._limit_kwh = 1.2 * float(data.use_kwh.max())
        self._widths: list[float] = [round(20 * self._limit_kwh, 1)]
        self._base, self._factor = -round(self._widths[0] * 0.7, 1), 1.0
        self._register: list[float | None] = []
        self._readings: list[ManualReading] = []
        self._replacements: list[Replacement] = []
        self._verdicts: list[JumpVerdict] = []
        self._corrections: list[Correction] = []
        self._lived = Lived(
            rules=CounterRules(
                counter_max=self._widths[0] - STEP,
                max_rate_per_s=self._limit_kwh / 3600,
                step=STEP,
                bridge_us=BRIDGE_H * HOUR_US,
                hold_us=70 * 60_000_000,
            ),
            booked=data.use_kwh.copy(),
            lost=np.zeros(len(data.use_kwh)),
        )

    def lived(self, kinds: Sequence[str], every_h: int) -> Lived:
        """All hours, with one of `kinds` about every `every_h` hours, in turn; none: only rollovers."""
        due = [every_h * (number + 1) for number in range(len(self._use) // every_h)] if kinds else []
        turn = 0
        for hour in range(len(self._times)):
            if hour < len(self._register):
                continue
            ready = turn < len(due) and hour >= due[turn] and self._is_calm(hour)
            if ready:
                self._happen(kinds[turn % len(kinds)], hour)
                turn += 1
            else:
                self._register.append(self._shown(self._total[hour]))
        self._lived.batches = [
            Batch(time_us=int(time_us), points=(POINT,), values=(value,))
            for time_us, value in zip(self._times.tolist(), self._register, strict=True)
            if value is not None
        ]
        self._lived.history = MeterHistory(
            replacements=tuple(self._replacements),
            readings=tuple(self._readings),
            corrections=tuple(self._corrections),
            verdicts=tuple(self._verdicts),
        )
        return self._lived

    def _shown(self, total_kwh: float) -> float:
        """What the register shows when so much was used since the beginning."""
        steps = round((total_kwh - self._base) / self._factor / STEP) % round(self._widths[-1] / STEP)
        return round(steps * STEP, 5)

    def _is_calm(self, hour: int) -> bool:
        """Far from the register's ends, far from the data's, and something was used."""
        register = self._shown(self._total[hour - 1])
        return 0.3 < register / self._widths[-1] < 0.55 and hour + 100 < len(self._use) and self._use[hour - 1] > 0

    def _happen(self, kind: str, hour: int) -> None:
        happenings: dict[str, Callable[[int], None]] = {
            "reset": self._reset,
            "replaced": self._replaced,
            "replaced unread": self._replaced_unread,
            "short gap": lambda at: self._silence(at, BRIDGE_H - 1),
            "long gap": lambda at: self._silence(at, self._random.randint(BRIDGE_H + 1, 60)),
            "gap over a month's end": self._silence_over_a_months_end,
            "gap with a person's reading": self._silence_with_a_reading,
            "spike": lambda at: self._wrong(at, 9.9e6),
            "zero": lambda at: self._wrong(at, 0.0),
            "stuck": self._stuck,
            "jump": lambda at: self._jump(at, None),
            "jump accepted": lambda at: self._jump(at, True),
            "jump rejected": lambda at: self._jump(at, False),
            "jump corrected": self._jump_corrected,
        }
        happenings[kind](hour)
        self._lived.counts[kind] = self._lived.counts.get(kind, 0) + 1

    def _gap(self, kind: GapKind, first: int, last: int, amount: float | None) -> None:
        times = self._times
        self._lived.gaps.append(Gap(kind=kind, start_us=int(times[first]), end_us=int(times[last]), amount=amount))

    def _lose(self, first: int, last: int) -> None:
        self._lived.booked[first:last] = 0.0
        self._lived.lost[first:last] = self._use[first:last]

    def _reset(self, hour: int) -> None:
        self._base = self._total[hour]
        self._register.append(0.0)
        self._gap(GapKind.RESET, hour - 1, hour, None)
        self._lose(hour - 1, hour)

    def _replaced(self, hour: int) -> None:
        """Half an hour before `hour`, by one of another width and behind another transformer."""
        total = (self._total[hour - 1] + self._total[hour]) / 2
        closing = (total - self._base) / self._factor % self._widths[-1]
        self._take_new(total)
        self._entry(hour, closing=closing, opening=(total - self._base) / self._factor)

    def _replaced_unread(self, hour: int) -> None:
        self._take_new(self._total[hour - 1])
        self._entry(hour, closing=None, opening=None)
        middle_us = int(self._times[hour]) - HOUR_US // 2
        for start_us, end_us in ((middle_us - HOUR_US // 2, middle_us), (middle_us, middle_us + HOUR_US // 2)):
            self._lived.gaps.append(Gap(kind=GapKind.SILENT, start_us=start_us, end_us=end_us, amount=None))
        self._lose(hour - 1, hour)

    def _take_new(self, total: float) -> None:
        self._factor = self._random.choice((0.5, 1.0, 2.0))
        self._widths.append(self._random.choice((1.0, 1.5)) * self._widths[0] / self._factor)
        self._base = total - self._factor * round(self._random.uniform(0, 0.2) * self._widths[-1], 3)

    def _entry(self, hour: int, *, closing: float | None, opening: float | None) -> None:
        self._replacements.append(
            Replacement(
                meter="main-meter",
                at_us=int(self._times[hour]) - HOUR_US // 2,
                closing=closing,
                opening=opening,
                reason="worn out",
                factor=self._factor,
                counter_max=self._widths[-1] - STEP,
            )
        )
        self._register.append(self._shown(self._total[hour]))

    def _silence(self, hour: int, hours: int) -> None:
        """No readings from `hour` for so many hours."""
        last = hour + hours
        self._register += [None] * hours + [self._shown(self._total[last])]
        self._unread(hour - 1, last)

    def _silence_over_a_months_end(self, hour: int) -> None:
        first = next(month for month in self._months if month > hour + 6) - 6
        self._register += [self._shown(self._total[each]) for each in range(hour, first)]
        self._silence(first, 10)

    def _unread(self, first: int, last: int) -> None:
        amount = float(self._total[last] - self._total[first])
        is_short = last - first <= BRIDGE_H
        self._gap(GapKind.BRIDGED if is_short else GapKind.BLOCK, first, last, amount)
        self._lived.booked[first:last] = amount / (last - first) if is_short else 0.0

    def _silence_with_a_reading(self, hour: int) -> None:
        self._register += [None] * 40 + [self._shown(self._total[hour + 40])]
        read = hour + 1
        self._readings.append(
            ManualReading(
                meter="main-meter",
                at_us=int(self._times[read]),
                value=self._shown(self._total[read]),
                reason="the line was down",
            )
        )
        self._unread(hour - 1, read)
        self._unread(read, hour + 40)

    def _wrong(self, hour: int, value: float) -> None:
        self._register += [value, self._shown(self._total[hour + 1])]
        self._unread(hour - 1, hour + 1)

    def _stuck(self, hour: int) -> None:
        """Until the true register is further on than two hours can be."""
        last = hour
        while self._total[last] - self._total[hour - 1] < 2.5 * self._limit_kwh:
            last += 1
        self._register += [self._shown(self._total[hour - 1])] * (last - hour) + [self._shown(self._total[last])]
        self._gap(GapKind.HELD, last - 1, last, float(self._total[last] - self._total[hour - 1]))
        self._lose(hour - 1, last)

    def _jump(self, hour: int, accepted: bool | None) -> None:
        """The counter is further on than it should be, and stays so."""
        jump = 4 * self._limit_kwh
        self._base -= jump
        self._register.append(self._shown(self._total[hour]))
        amount = float(self._use[hour - 1] + jump)
        start_us, end_us = int(self._times[hour - 1]), int(self._times[hour])
        if accepted is not None:
            self._verdicts.append(
                JumpVerdict(
                    meter="main-meter", start_us=start_us, end_us=end_us, accepted=accepted, reason="looked at it"
                )
            )
        if accepted:
            self._lived.booked[hour - 1] = amount
            self._lived.added += jump
            return
        self._gap(GapKind.HELD if accepted is None else GapKind.REJECTED, hour - 1, hour, amount)
        self._lose(hour - 1, hour)

    def _jump_corrected(self, hour: int) -> None:
        self._jump(hour, False)
        self._corrections.append(
            Correction(
                meter="main-meter",
                start_us=int(self._times[hour - 1]),
                end_us=int(self._times[hour]),
                amount=float(self._use[hour - 1]),
                reason="as the hours before",
            )
        )
        self._lived.booked[hour - 1] = self._use[hour - 1]
        self._lived.lost[hour - 1] = 0.0


def sums_between(data: HourlyUse, hours: npt.NDArray[np.float64], edges_us: Sequence[int]) -> list[float]:
    """What the hours between neighbouring edges have together."""
    places = np.searchsorted(data.times_us, edges_us).tolist()
    return [math.fsum(hours[low:high].tolist()) for low, high in pairwise(places)]
