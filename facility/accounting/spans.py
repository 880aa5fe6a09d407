"""What lies between two neighbouring readings: a span, what it counted, and how far that can be believed.

What a span counted is spread evenly over its time, so that an interval's edge may lie inside it. A span is

    covered   its readings are no further apart than `hold_us`, or readings were left out of it as plain: measured
    bridged   a gap that is not too long: spread, but marked as estimated
    block     a longer gap: what it counted stays whole; an interval that holds all of it has it, one that holds a part
              of it has nothing of it
    reset     the counter fell: nothing is known of it
    held      it moved faster than its circuit can carry; rejected: and a person judged that to be wrong
    silent    nobody read the counter at one of its ends
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from facility.accounting.entries import JumpVerdict
from facility.accounting.plausibility import CounterRules, Flags
from facility.accounting.use import Gap, GapKind
from facility.series import Times, Values

COVERED: Final = 0
BRIDGED: Final = 1
BLOCK: Final = 2
RESET: Final = 3
HELD: Final = 4
REJECTED: Final = 5
SILENT: Final = 6
AGREED: Final = 7
"""What people agreed on in place of what was counted."""

_GAPS: Final = {
    BRIDGED: GapKind.BRIDGED,
    BLOCK: GapKind.BLOCK,
    RESET: GapKind.RESET,
    HELD: GapKind.HELD,
    REJECTED: GapKind.REJECTED,
    SILENT: GapKind.SILENT,
}
_WITHOUT_AMOUNT: Final = (RESET, SILENT)

Kinds = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spans:
    """n neighbouring spans without holes: columns of length n, and the n + 1 times that bound them.

    `amounts`: what each counted, of a held or rejected one what it moved by, 0 where that is not known. `kinds`: the
    codes of this module. `estimated` and `manual`: what an interval has of it is marked so.
    """

    bounds_us: Times
    amounts: Values
    kinds: Kinds
    estimated: Flags
    manual: Flags

    def __len__(self) -> int:
        return len(self.amounts)

    @property
    def lengths(self) -> Values:
        """Microseconds."""
        return np.diff(self.bounds_us).astype(np.float64)

    @property
    def spread(self) -> Flags:
        """Whose amounts are spread over their time."""
        spread: Flags = (self.kinds <= BRIDGED) | (self.kinds == AGREED)
        return spread

    def gaps(self, kinds: Sequence[int], start_us: int, end_us: int) -> list[Gap]:
        """Those of these kinds that reach into [start, end), whole."""
        low = max(int(np.searchsorted(self.bounds_us, start_us, side="right")) - 1, 0)
        high = max(int(np.searchsorted(self.bounds_us[:-1], end_us)), low)
        part = self.kinds[low:high]
        places = np.flatnonzero(part) + low
        wanted = [place for place in places.tolist() if self.kinds[place] in kinds]
        return [self._gap(place) for place in wanted if self.bounds_us[place + 1] > start_us]

    def _gap(self, place: int) -> Gap:
        code = int(self.kinds[place])
        return Gap(
            kind=_GAPS[code],
            start_us=int(self.bounds_us[place]),
            end_us=int(self.bounds_us[place + 1]),
            amount=None if code in _WITHOUT_AMOUNT else float(self.amounts[place]),
        )


def kinds_by_length(lengths: Times, rules: CounterRules) -> Kinds:
    """Covered, bridged or block."""
    kinds = (lengths > rules.hold_us).view(np.uint8)
    kinds += (lengths > max(rules.hold_us, rules.bridge_us)).view(np.uint8)
    return kinds


def spans_between(
    times_us: Times, values: Values, manual: Flags | None, plain: Flags | None, rules: CounterRules
) -> Spans:
    """The spans between readings of one meter.

    Args:
        times_us: ascending.
        values: the counter's.
        manual: which readings people took, None where none. What a span counted counts as entered by hand only where it
            is a gap and such a reading ends it: beside other readings a person's adds nothing.
        plain: which spans had readings left out, None where none.
        rules: how they are judged.
    """
    lengths = np.diff(times_us)
    amounts, believed = rules.judged(values[:-1], values[1:], lengths / 1e6)
    kinds = kinds_by_length(lengths, rules)
    if plain is not None:
        kinds[plain] = COVERED
    if not believed.all():
        fell = (amounts < 0) & (not rules.bidirectional)
        kinds[~believed] = HELD
        kinds[~believed & fell] = RESET
        amounts[~believed & fell] = 0.0
    by_hand = np.zeros(len(lengths), np.bool_)
    if manual is not None:
        by_hand = (manual[:-1] | manual[1:]) & (lengths > rules.hold_us) & (kinds != COVERED)
    return Spans(bounds_us=times_us, amounts=amounts, kinds=kinds, estimated=kinds == BRIDGED, manual=by_hand)


def judge(spans: Spans, verdicts: Sequence[JumpVerdict], rules: CounterRules) -> None:
    """Lets held spans count, or never count, in place, where a person said so of exactly these two readings; of two
    verdicts the later entered stands.
    """
    latest = {(verdict.start_us, verdict.end_us): verdict.accepted for verdict in verdicts}
    for (start_us, end_us), accepted in latest.items():
        place = int(np.searchsorted(spans.bounds_us, start_us))
        if place >= len(spans) or spans.bounds_us[place] != start_us or spans.bounds_us[place + 1] != end_us:
            continue
        if not accepted and spans.kinds[place] in (COVERED, BRIDGED, BLOCK, HELD):
            spans.kinds[place] = REJECTED
        elif accepted and spans.kinds[place] == HELD:
            spans.kinds[place] = kinds_by_length(np.array([end_us - start_us]), rules)[0]
        spans.estimated[place] = spans.kinds[place] == BRIDGED


def followed(parts: Sequence[Spans]) -> Spans:
    """Spans of one meter after another as one; a hole between two is silent."""
    whole = [part for part in parts if len(part.bounds_us)]
    if len(whole) == 1:
        return whole[0]
    if not whole:
        return silent(np.empty(0, np.int64))
    pieces = [whole[0]]
    for part in whole[1:]:
        end_us, start_us = pieces[-1].bounds_us[-1], part.bounds_us[0]
        if end_us < start_us:
            pieces.append(silent(np.array([end_us, start_us])))
        pieces.append(part)
    return Spans(
        bounds_us=np.concatenate([pieces[0].bounds_us, *(piece.bounds_us[1:] for piece in pieces[1:])]),
        amounts=np.concatenate([piece.amounts for piece in pieces]),
        kinds=np.concatenate([piece.kinds for piece in pieces]),
        estimated=np.concatenate([piece.estimated for piece in pieces]),
        manual=np.concatenate([piece.manual for piece in pieces]),
    )


def silent(bounds_us: Times) -> Spans:
    """Spans of which nothing is known."""
    count = max(len(bounds_us) - 1, 0)
    return Spans(
        bounds_us=bounds_us,
        amounts=np.zeros(count),
        kinds=np.full(count, SILENT, np.uint8),
        estimated=np.zeros(count, np.bool_),
        manual=np.zeros(count, np.bool_),
    )
