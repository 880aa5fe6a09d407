"""What every engine promises: a point's name is a name, whatever characters it is made of."""

from __future__ import annotations

from collections.abc import Callable

from facility.readings import Batch
from facility.store import Store
from tests.facility.store.minutes import at, batch, raw

ODD = [
    "办公室.功率",
    "a b.c",
    "a,b=c d",
    "tail\\",
    'quote".x',
    "apostrophe'.x",
    "x' OR '1'='1",
    "percent%20.x",
    "line\nreading,point=evil value=9 1",
    "tab\t.x",
    "emoji-🌡.temperature",
    "\u00e9.x",
    "e\u0301.x",
    "$tag.x",
    "/regex.*/",
    "-- comment",
    "#hash",
    ".",
    "",
    " ",
    "%",
    "%25",
    "a,b=c d\nINJ v=9",
    "nul\x00.x",
    "bell\x07 delete\x7f escape\x1b[2J",
    "carriage\r\nreturn",
    "\u2028line\u2029paragraph\u0085next",
    "\u202eright-to-left",
    "🏢👩\u200d🔧.功率",
    'm.secret" or point=~".*',
    '"} or {point="m.secret',
    ".*",
    "m.secre.",
    "m.(secret|power)",
    "^m\\.secret$",
    "m.secret' OR point =~ /.*/ --",
    "x'; DROP MEASUREMENT reading; --",
    "reading_value",
    "revision=1",
    "NaN",
    "null",
    "İıſß",
    "ﬁ.x",
    "x" * 1000,
    "长" * 300,
]


def test_odd_names_are_names_and_nothing_else(opened: Callable[[], Store]) -> None:
    store = opened()
    store.append([Batch(time_us=at(n), points=[point], values=[float(n)]) for n, point in enumerate(ODD)])
    for _ in range(2):
        assert len(set(ODD)) == len(ODD)
        assert store.points() == sorted(ODD)
        latest = store.latest([*ODD, "m.secret"])
        assert {point: reading.value for point, reading in latest.items()} == {
            point: float(number) for number, point in enumerate(ODD)
        }
        for number, point in enumerate(ODD):
            assert raw(store, point) == [(number, float(number))]
        store = opened()


def test_no_name_reads_or_moves_what_belongs_to_another(store: Store) -> None:
    secret = [(0, 0.0), (1, 1.0), (2, 2.0)]
    store.append([batch(minute, secret=float(minute), power=0.0) for minute in range(3)])
    assert store.latest(ODD) == {}
    for point in ODD:
        assert raw(store, point) == []
        assert store.extent(point) is None
        assert len(store.around(point, at(0), at(2))) == 0
    for value in (7.0, 8.0):
        store.append([Batch(time_us=at(1), points=ODD, values=[value] * len(ODD))])
    for point in ODD:
        assert raw(store, point) == [(1, 8.0)]
    assert raw(store, "m.secret") == secret
    assert store.points() == sorted([*ODD, "m.power", "m.secret"])
