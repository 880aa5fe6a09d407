"""Years of real meters through a store on disk: every month is what the data says, and what is missing is said."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from facility.accounting.counters import Account, counter_account, thinning
from facility.accounting.use import Gap, GapKind
from facility.readings import Batch, from_us, to_us
from facility.store.embedded import EmbeddedStore
from tests.facility.accounting.ledger import HOUR_US
from tests.facility.accounting.metered_house import (
    DATA,
    KINDS,
    POINT,
    HourlyUse,
    Lived,
    Meter,
    hourly_use,
    sums_between,
)

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the real meters' data is not there: {DATA.name} is missing")

SEALED_US = 60 * 24 * HOUR_US
"""The first two months are sealed away, the rest lies in the store's log."""

FILES = [
    ("meter-il-hourly.csv.gz", ZoneInfo("America/Chicago")),
    ("meter-uk-hourly.csv.gz", ZoneInfo("Europe/London")),
]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "store")
    yield opened
    opened.close()


def shuffled(batches: list[Batch], chance: random.Random) -> list[Batch]:
    """Out of order, a tenth of them twice."""
    again = [*batches, *chance.sample(batches, k=len(batches) // 10)]
    chance.shuffle(again)
    return again


def fill(store: EmbeddedStore, lived: Lived, seed: int) -> None:
    batches = shuffled(lived.batches, random.Random(seed))
    for start in range(0, len(batches), 2000):
        store.append(batches[start : start + 2000])
    store.seal(min(batch.time_us for batch in batches) + SEALED_US)


def local_edges(data: HourlyUse, zone: ZoneInfo, *, days: bool) -> list[int]:
    """The data's ends, and every local midnight (of a month's first day) between."""
    first_us, last_us = int(data.times_us[0]), int(data.times_us[-1])
    day, edges = from_us(first_us).astimezone(zone).date(), [first_us]
    while edges[-1] < last_us:
        day = day + timedelta(days=1) if days else date(day.year + day.month // 12, day.month % 12 + 1, 1)
        edges.append(to_us(datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)))
    return [*edges[:-1], last_us]


def accounted(store: EmbeddedStore, lived: Lived, edges_us: list[int]) -> Account:
    """From thinned readings, and the same from all of them."""
    wanted = thinning(edges_us, lived.rules, lived.history)
    thinned = store.thinned(POINT, wanted.edges_us, pause_us=wanted.pause_us, rate_per_s=wanted.rate_per_s)
    few = counter_account(thinned, edges_us, lived.rules, lived.history)
    everything = store.around(POINT, wanted.edges_us[0], wanted.edges_us[-1])
    full = counter_account(everything, edges_us, lived.rules, lived.history)
    assert few.amounts.values.tolist() == pytest.approx(full.amounts.values.tolist(), abs=1e-6, nan_ok=True)
    assert [(gap.kind, gap.start_us, gap.end_us) for gap in few.gaps] == [
        (gap.kind, gap.start_us, gap.end_us) for gap in full.gaps
    ]
    return full


@pytest.mark.parametrize(("name", "zone"), FILES)
def test_every_day_and_month_is_what_the_data_says(name: str, zone: ZoneInfo, store: EmbeddedStore) -> None:
    data = hourly_use(name)
    lived = Meter(data, seed=1).lived((), every_h=1)
    fill(store, lived, seed=2)
    for days in (True, False):
        edges_us = local_edges(data, zone, days=days)
        account = accounted(store, lived, edges_us)
        assert account.amounts.values.tolist() == pytest.approx(sums_between(data, data.use_kwh, edges_us), abs=1e-6)
        assert account.gaps == ()
        assert account.amounts.completeness.min() == 1.0
        assert account.amounts.error.max() == 0.0, "every midnight has a reading"
        if days:
            assert {23, 24, 25} <= {(end - start) // HOUR_US for start, end in pairwise(edges_us)}


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize(("name", "zone"), FILES)
def test_whatever_happens_to_the_meter_its_months_are_right_and_say_what_is_missing(
    name: str, zone: ZoneInfo, seed: int, store: EmbeddedStore
) -> None:
    data = hourly_use(name)
    kinds = list(KINDS)
    random.Random(seed).shuffle(kinds)
    edges_us = local_edges(data, zone, days=False)
    lived = Meter(data, seed, edges_us).lived(kinds, every_h=400)
    assert set(lived.counts) == set(KINDS)
    fill(store, lived, seed)
    account = accounted(store, lived, edges_us)
    same_gaps(account.gaps, lived.gaps)
    whole_blocks = [gap for gap in lived.gaps if gap.kind is GapKind.BLOCK and gap not in cut_by(edges_us, lived.gaps)]
    months = sums_between(data, lived.booked, edges_us)
    for gap in whole_blocks:
        months[month_of(edges_us, gap)] += gap.amount or 0.0
    assert account.amounts.values.tolist() == pytest.approx(months, abs=1e-6)
    same_gaps(account.blocks, cut_by(edges_us, lived.gaps))
    counted = math.fsum([*account.amounts.values.tolist(), *(gap.amount or 0.0 for gap in account.blocks)])
    assert counted + math.fsum(lived.lost.tolist()) == pytest.approx(
        math.fsum(data.use_kwh.tolist()) + lived.added, abs=1e-6
    )
    assert account.blocks
    assert account.amounts.completeness.max() == 1.0, "some month lacks nothing"


def cut_by(edges_us: list[int], gaps: list[Gap]) -> list[Gap]:
    """The blocks that lie across one of the edges."""
    return [
        gap for gap in gaps
        if gap.kind is GapKind.BLOCK and any(gap.start_us < edge_us < gap.end_us for edge_us in edges_us)
    ]  # fmt: skip


def month_of(edges_us: list[int], gap: Gap) -> int:
    return next(place for place, edge_us in enumerate(edges_us) if edge_us > gap.start_us) - 1


def same_gaps(stated: tuple[Gap, ...], expected: list[Gap]) -> None:
    assert [(gap.kind, gap.start_us, gap.end_us) for gap in stated] == [
        (gap.kind, gap.start_us, gap.end_us) for gap in expected
    ]
    for gap, wanted in zip(stated, expected, strict=True):
        assert gap.amount == (None if wanted.amount is None else pytest.approx(wanted.amount, abs=1e-6)), wanted
