"""One place in the house, several meters one after another: which readings are whose, with those that people took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from facility.accounting.entries import MeterHistory, Replacement
from facility.accounting.glitches import kept
from facility.accounting.plausibility import CounterRules, Flags
from facility.accounting.spans import Spans, followed, silent, spans_between
from facility.readings import Status
from facility.series import Thinned, Times, Values

_ENDLESS_US: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Readings:
    """Good readings in time order; `manual`: which of them people took, None where none."""

    times_us: Times
    values: Values
    manual: Flags | None

    def between(self, start_us: int, end_us: int) -> _Readings:
        low, high = np.searchsorted(self.times_us, (start_us, end_us)).tolist()
        return _Readings(
            times_us=self.times_us[low:high],
            values=self.values[low:high],
            manual=None if self.manual is None else self.manual[low:high],
        )

    def only(self, keep: Flags) -> _Readings:
        return _Readings(
            times_us=self.times_us[keep],
            values=self.values[keep],
            manual=None if self.manual is None else self.manual[keep],
        )


def meter_spans(source: Thinned, rules: CounterRules, history: MeterHistory) -> Spans:
    """The spans of all meters that one place has had.

    Raises:
        ValueError: a replacement's factor is not above 0.
    """
    readings = _with_people(source, history)
    if not history.replacements:
        return _spans(readings, source, rules)
    replacements = list({entry.at_us: entry for entry in history.replacements}.values())
    replacements.sort(key=lambda entry: entry.at_us)
    parts = []
    for entry, then in zip([None, *replacements], [*replacements, None], strict=True):
        parts.append(_segment(readings, source, rules, entry, then))
    return followed(parts)


def _with_people(source: Thinned, history: MeterHistory) -> _Readings:
    """Good readings of the store and of people; where both have one at one time, the person's."""
    series, good = source.series, source.series.good
    by_hand = series.statuses == Status.MANUAL
    whole = bool(good.all())
    readings = _Readings(
        times_us=series.times_us if whole else series.times_us[good],
        values=series.values if whole else series.values[good],
        manual=by_hand[good] if by_hand.any() else None,
    )
    if not history.readings:
        return readings
    entered = history.readings
    return _merged(
        readings,
        np.array([entry.at_us for entry in entered], np.int64),
        np.array([entry.value for entry in entered], np.float64),
    )


def _merged(readings: _Readings, times_us: Times, values: Values) -> _Readings:
    """Readings with some that people took; of two at one time the later given stays."""
    manual = np.zeros(len(readings.times_us), np.bool_) if readings.manual is None else readings.manual
    all_us = np.concatenate((readings.times_us, times_us))
    order = np.argsort(all_us, kind="stable")
    order = order[np.append(np.diff(all_us[order]) > 0, True)]
    return _Readings(
        times_us=all_us[order],
        values=np.concatenate((readings.values, values))[order],
        manual=np.concatenate((manual, np.ones(len(times_us), np.bool_)))[order],
    )


def _segment(
    readings: _Readings, source: Thinned, rules: CounterRules, since: Replacement | None, until: Replacement | None
) -> Spans:
    """The spans of one meter, from its coming to its going."""
    start_us = -_ENDLESS_US if since is None else since.at_us
    end_us = _ENDLESS_US if until is None else until.at_us
    factor = 1.0 if since is None else since.factor
    if not factor > 0:
        raise ValueError(f"the factor of a replacement must be above 0, not {factor}")
    own = readings.between(start_us, end_us)
    opening = None if since is None else since.opening
    closing = None if until is None else until.closing
    for at_us, value in ((start_us, opening), (end_us, closing)):
        if value is not None:
            own = _merged(own, np.array([at_us], np.int64), np.array([value], np.float64))
    if not len(own.times_us):
        return followed([])
    own_rules = rules.for_meter(None if since is None else since.counter_max, factor)
    spans = _spans(own, source, own_rules)
    spans.amounts[:] *= factor
    return _reaching(spans, start_us if since is not None else None, end_us if until is not None else None)


def _reaching(spans: Spans, start_us: int | None, end_us: int | None) -> Spans:
    """With the stretches between a meter's coming or going and its readings where nobody read it then: the reading
    counts, but what was used in the stretch is not known.
    """
    parts = [spans]
    if start_us is not None and start_us < spans.bounds_us[0]:
        parts.insert(0, silent(np.array([start_us, spans.bounds_us[0]], np.int64)))
    if end_us is not None and end_us > spans.bounds_us[-1]:
        parts.append(silent(np.array([spans.bounds_us[-1], end_us], np.int64)))
    return followed(parts)


def _spans(readings: _Readings, source: Thinned, rules: CounterRules) -> Spans:
    keep = kept(readings.times_us, readings.values, rules)
    if keep is not None:
        readings = readings.only(keep)
    plain = _plain(source, readings.times_us)
    return spans_between(readings.times_us, readings.values, readings.manual, plain, rules)


def _plain(source: Thinned, times_us: Times) -> Flags | None:
    """Which spans lie in a stretch from which plain readings were left out."""
    if not source.plain.any() or len(times_us) < 2:
        return None
    starts_us, ends_us = source.series.times_us[:-1][source.plain], source.series.times_us[1:][source.plain]
    place = np.searchsorted(starts_us, times_us[:-1], side="right") - 1
    return (place >= 0) & (ends_us[place] >= times_us[1:])
