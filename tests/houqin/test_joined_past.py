"""Made days are joined so that every counter runs on without a step."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from facility.readings import Batch, Status
from houqin.past import MadeDay, orders_before, shifted
from houqin.past_filler import PastFiller
from tests.sites import small_site

POINTS = ("m.energy_import", "m.power")


def _day(day: int, first: float, last: float) -> MadeDay:
    batches = [
        Batch(time_us=1, points=POINTS, values=(first, 2.0)),
        Batch(time_us=2, points=POINTS, values=(None, 0.0), statuses=(Status.TIMEOUT, Status.GOOD)),
        Batch(time_us=3, points=POINTS, values=(last, 1.0)),
    ]
    return MadeDay(
        day=date(2026, 7, day),
        batches=batches,
        messages=(),
        first_counters={"m.energy_import": first},
        last_counters={"m.energy_import": last},
    )


def test_a_day_ends_where_the_next_begins_and_nothing_else_moves() -> None:
    filler = PastFiller([], {"m.energy_import": 1000.0}, lambda _: None)
    ledger = [
        (_day(15, 50.0, 60.0), (990.0, 1000.0)),
        (_day(14, 50.0, 80.0), (960.0, 990.0)),
        (_day(13, 7.0, 7.0), (960.0,) * 2),
    ]
    for made, (first, last) in ledger:
        joined = filler._joined(made)
        assert [batch.values for batch in joined.batches] == [(first, 2.0), (None, 0.0), (last, 1.0)]
        assert joined.batches[1].statuses == (Status.TIMEOUT, Status.GOOD)


def test_points_without_an_offset_keep_their_very_batch() -> None:
    batch = Batch(time_us=1, points=("m.power",), values=(0.0,))
    assert shifted([batch], {"m.energy_import": 5.0})[0] is batch


def test_thirty_days_and_a_morning_are_ordered_most_recent_first() -> None:
    start = datetime(2026, 7, 15, 7, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    orders = orders_before(small_site(), start, 30, seed=1)
    assert [order.day for order in orders[:3]] == [date(2026, 7, 15), date(2026, 7, 14), date(2026, 7, 13)]
    assert len(orders) == 31
    assert orders[0].until == start
    assert orders[1].until.isoformat() == "2026-07-14T16:00:00+00:00"
