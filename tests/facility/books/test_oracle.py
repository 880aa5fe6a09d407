"""The account book against a plain reckoning from the truth: random houses whose every ten minutes are known.

The oracle walks through time slot by slot and asks, for what each meter's own load used in it, who owns that. It shares
no code with what it checks.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facility.accounting.entries import Assignment, EnergyPrice, Replacement
from facility.accounting.metering import Medium
from facility.books.metering import edges
from facility.quantities import ENUMERATIONS
from facility.readings import Batch, Status
from tests.facility.books.bureau import ADMIN, Bureau, bureau, us
from tests.sites import small_site_data

SEEDS = (2, 5, 6, 8)
NOBODY = "unallocated"
JULY = date(2026, 7, 1)
DAYS = 5
SLOT_US = 600_000_000
DAY = 144
"""Slots of a day."""
COUNT = DAYS * DAY
START_US = us(7, 1)
END_US = us(7, 1 + DAYS)
ALPHA = {"high": 1.0, "medium": 0.8, "low": 0.6, "auto": 0.7}
DIVISOR = 20.0
FANS = ENUMERATIONS["fan_speed"]
THERMO_ON = float(ENUMERATIONS["thermo"].index("thermo_on"))


@dataclass
class Counter:
    """One meter: what its own load used in each slot, and at which slots' starts it does not answer."""

    parent: str | None
    owner: str | None
    own: list[float]
    silent: set[int] = field(default_factory=set)
    reset: int | None = None
    jump: int | None = None
    replaced: int | None = None
    children: list[str] = field(default_factory=list)


@dataclass
class Unit:
    """One indoor unit: per slot on, fan speed, compressor; `silent` as of a meter."""

    outdoor: str
    capacity: float
    rooms: list[str]
    states: list[tuple[bool, str, bool]]
    silent: set[int] = field(default_factory=set)


@dataclass(eq=False)
class House:
    """A random house. `assigned` changes the owners of one meter from one day on."""

    data: dict[str, Any]
    meters: dict[str, Counter]
    units: dict[str, Unit]
    standby: dict[str, float]
    rooms: dict[str, tuple[str | None, float]]
    assigned: tuple[str, int, list[tuple[str | None, float]]]
    members: list[tuple[str, float]]

    @cache  # noqa: B019 - a house lives as long as its test
    def used(self, meter: str, slot: int) -> float:
        """What went through a meter in a slot."""
        found = self.meters[meter]
        return found.own[slot] + sum(self.used(child, slot) for child in found.children)

    def counted(self, meter: str, slot: int) -> float:
        """What is told of it: nothing where the counter fell or jumped."""
        return 0.0 if slot in (self.meters[meter].reset, self.meters[meter].jump) else self.used(meter, slot)


def house(rng: random.Random) -> House:
    public = rng.choice(["apart", "responsible_office"])
    offices = ["o0", "o1", "o2"]
    rooms = {f"r{n}": (offices[n % 3] if n < 5 else None, rng.choice([20.0, 35.0, 60.0])) for n in range(6)}
    meters = {"main": Counter(None, None, loads(rng)), "floor": Counter("main", None, loads(rng))}
    for number in range(rng.randint(2, 5)):
        meters[f"m{number}"] = Counter(rng.choice(["main", "floor"]), rng.choice(offices), loads(rng))
    meters["sub"] = Counter("m0", rng.choice(offices), loads(rng))
    outdoor = [f"out{n}" for n in range(rng.randint(1, 2))]
    standby = {unit: rng.choice([0.0, 0.1]) for unit in outdoor}
    units: dict[str, Unit] = {}
    for unit in outdoor:
        meters[f"m-{unit}"] = Counter(rng.choice(["main", "floor"]), None, loads(rng))
        for number in range(rng.randint(2, 4)):
            served = rng.sample(sorted(rooms), rng.randint(1, 2))
            units[f"{unit}-{number}"] = Unit(unit, rng.choice([2.8, 5.6, 7.1]), served, states(rng))
    for name, meter in meters.items():
        if meter.parent is not None:
            meters[meter.parent].children.append(name)
    trouble(rng, meters, units)
    parts: list[tuple[str | None, float]] = [("o0", 0.25), ("o2", rng.choice([0.25, 0.75]))]
    assigned = ("m1", rng.randint(1, DAYS - 1), parts)
    members = [("m0", 100.0), ("m1", rng.choice([-50.0, 30.0]))]
    found = House({}, meters, units, standby, rooms, assigned, members)
    found.data = site_data(found, public)
    if public == "responsible_office":
        rooms.update({room: (office or "o1", area) for room, (office, area) in rooms.items()})
    return found


def loads(rng: random.Random) -> list[float]:
    return [rng.choice([0.0, 0.1, rng.uniform(0.0, 1.0)]) for _ in range(COUNT)]


def states(rng: random.Random) -> list[tuple[bool, str, bool]]:
    found: list[tuple[bool, str, bool]] = []
    while len(found) < COUNT:
        state = (rng.random() < 0.5, rng.choice(FANS), rng.random() < 0.6)
        found += [state] * rng.randint(1, 30)
    return found[:COUNT]


def trouble(rng: random.Random, meters: dict[str, Counter], units: dict[str, Unit]) -> None:
    """Silences short, long and over midnight, a reset, a jump, a replacement; the main meter stays whole."""
    noon = 72
    meters["m0"].silent.update(range(DAY + noon, DAY + noon + 4))  # bridged
    meters["sub"].silent.update(range(noon + 1, noon + 20))  # within a day
    first = rng.randint(1, DAYS - 2) * DAY
    meters["sub"].silent.update(range(first - 10, first + rng.choice([5, 20, 150])))  # over one midnight or two
    first = rng.randint(1, DAYS - 2) * DAY
    meters["m-out0"].silent.update(range(first - rng.randint(8, 30), first + rng.choice([8, 150])))
    meters["floor"].reset = rng.randrange(10, COUNT - 10)
    meters["m0"].jump = rng.randrange(10, noon)
    meters["m1"].replaced = rng.randrange(10, COUNT - 10)
    unit = rng.choice(sorted(units))
    begins = rng.randrange(COUNT - 60)
    units[unit].silent.update(range(begins, begins + rng.choice([3, 40])))


def site_data(found: House, public: str) -> dict[str, Any]:
    data = small_site_data()
    data["offices"] = [{"id": office, "name": {"zh": office}, "headcount": 5} for office in ("o0", "o1", "o2")]
    data["spaces"] = [
        {"id": room, "floor": "f4", "class": "office", "area_m2": area}
        | ({"responsible_office": "o1"} if office is None else {"office": office})
        for room, (office, area) in found.rooms.items()
    ]
    data["devices"] = [{"id": "gw", "profile": "coolmasternet", "link": "plant", "unit": 1}]
    data["equipment"] = [
        {"id": unit, "kind": "outdoor_unit", "plant": "vrf", "capacity_kw": 28.0, "meter": f"m-{unit}",
         "split": "time_capacity", "standby_kw": kw}
        for unit, kw in found.standby.items()
    ]  # fmt: skip
    for slot, (name, unit) in enumerate(found.units.items()):
        data["equipment"].append(
            {"id": name, "kind": "indoor_unit", "device": "gw", "slot": slot, "outdoor_unit": unit.outdoor,
             "capacity_kw": unit.capacity, "serves": unit.rooms}
        )  # fmt: skip
    for number, (name, meter) in enumerate(found.meters.items(), 1):
        data["devices"].append({"id": f"d-{name}", "profile": "chint_dtsu666", "link": "meters", "unit": number})
        feeds = {"equipment": name[2:]} if name.startswith("m-") else {"building": "main"}
        feeds = feeds if meter.owner is None else {"office": meter.owner}
        entry: dict[str, Any] = {"id": name, "kind": "electricity_meter", "device": f"d-{name}", "feeds": feeds,
                                 "max_power_kw": 100}  # fmt: skip
        entry |= {} if meter.parent is None else {"parent": meter.parent}
        entry |= {} if meter.owner is None else {"item": "lighting_sockets" if number % 2 else "special"}
        data["equipment"].append(entry)
    members = [{"meter": meter, "percent": percent} for meter, percent in found.members]
    data["equipment"].append({"id": "both", "kind": "virtual_meter", "name": {"zh": "合计"}, "members": members})
    data["weather"] = {"forecast": [{"provider": "manual"}]}
    data["accounting"] = {
        "public_rooms": public, "tariffs": {"electricity": "hunan_2025"}, "region": "湖南",
        "split": {"fan_weights": ALPHA, "fan_only_divisor": DIVISOR},
    }  # fmt: skip
    return data


def readings(found: House) -> list[Batch]:
    names = [f"{meter}.energy_import" for meter in found.meters]
    names += [f"{unit}.{point}" for unit in found.units for point in ("on", "fan", "thermo")]
    shown = dict.fromkeys(found.meters, 1000.0)
    batches = []
    for slot in range(COUNT + 1):
        values: list[float | None] = []
        for name, meter in found.meters.items():
            values.append(None if slot in meter.silent else shown[name])
            if slot < COUNT:
                shown[name] = next_shown(found, name, slot, shown[name])
        for unit in found.units.values():
            on, fan, cools = unit.states[min(slot, COUNT - 1)]
            told = (float(on), float(FANS.index(fan)), THERMO_ON if cools else 1.0 - THERMO_ON)
            values += [None] * 3 if slot in unit.silent else told
        statuses = [Status.TIMEOUT if value is None else Status.GOOD for value in values]
        time_us = START_US + slot * SLOT_US
        batches.append(Batch(time_us=time_us, points=tuple(names), values=values, statuses=statuses))
    return batches


def next_shown(found: House, name: str, slot: int, shown: float) -> float:
    meter = found.meters[name]
    if slot == meter.reset:
        return 3.0
    factor = 2.0 if meter.replaced is not None and slot >= meter.replaced else 1.0
    jump = 4000.0 if slot == meter.jump else 0.0
    base = 50.0 if slot + 1 == meter.replaced else shown + found.used(name, slot) / factor
    return base + jump


def replacement(found: House) -> Replacement:
    """The new counter begins at 50; the old one's last value is what it showed then."""
    at = found.meters["m1"].replaced
    assert at is not None
    closing = 1000.0
    for slot in range(at):
        closing += found.used("m1", slot)
    return Replacement(
        meter="m1", at_us=START_US + at * SLOT_US, closing=closing, opening=50.0, factor=2.0, reason="换表"
    )


Fractions = dict[str, list[dict[str | None, float]]]


@cache
def fractions(found: House) -> Fractions:
    """Per outdoor unit's meter and slot: office -> its share, by the running of the slot's days."""
    result: Fractions = {}
    for outdoor in found.standby:
        meter = found.meters[f"m-{outdoor}"]
        bounds = [0]
        for day in range(1, DAYS + 1):
            midnight = day * DAY
            if midnight not in meter.silent or not long_silence(meter.silent, midnight):
                bounds.append(midnight)
        rows: list[dict[str | None, float]] = []
        for first, last in pairwise(bounds):
            energy = sum(found.counted(f"m-{outdoor}", slot) for slot in range(first, last))
            parts = shares(found, outdoor, first, last, energy)
            rows += [parts] * (last - first)
        result[f"m-{outdoor}"] = rows
    return result


def long_silence(silent: set[int], slot: int) -> bool:
    first, last = slot, slot
    while first in silent:
        first -= 1
    while last in silent:
        last += 1
    return last - first > 6


def shares(found: House, outdoor: str, first: int, last: int, energy: float) -> dict[str | None, float]:
    units = [unit for unit in found.units.values() if unit.outdoor == outdoor]
    index, known = [], []
    for unit in units:
        fan = cooling = heard = 0.0
        for slot in range(first, last):
            if slot in unit.silent:
                continue
            heard += 1
            on, speed, cools = unit.states[slot]
            fan += ALPHA[speed] / 6.0 if on else 0.0
            cooling += ALPHA[speed] / 6.0 if on and cools else 0.0
        index.append((fan / DIVISOR + cooling) * unit.capacity)
        known.append(heard / (last - first))
    sure = [part >= 0.95 for part in known]
    sure_kw = sum(unit.capacity for unit, is_sure in zip(units, sure, strict=True) if is_sure)
    capacity = sum(unit.capacity for unit in units)
    if sure_kw / capacity < 0.5:
        index = [sum(found.rooms[room][1] for room in unit.rooms) for unit in units]
    else:
        mean = sum(part for part, is_sure in zip(index, sure, strict=True) if is_sure) / sure_kw
        for place, unit in enumerate(units):
            index[place] += 0.0 if sure[place] else (1.0 - known[place]) * unit.capacity * mean
    standby = min(found.standby[outdoor] * (last - first) / 6.0, energy)
    result: dict[str | None, float] = {}
    for unit, own in zip(units, index, strict=True):
        part = (standby * unit.capacity / capacity + (energy - standby) * own / sum(index)) / energy
        area = sum(found.rooms[room][1] for room in unit.rooms)
        for room in unit.rooms:
            office, size = found.rooms[room]
            result[office] = result.get(office, 0.0) + part * size / area
    return result


def charged(found: House, first: int, last: int) -> dict[str, float]:
    """What each office and nobody used in the slots [first, last)."""
    result = dict.fromkeys(("o0", "o1", "o2", NOBODY), 0.0)
    for slot in range(first, last):
        for name, meter in found.meters.items():
            own = found.counted(name, slot) - sum(found.counted(child, slot) for child in meter.children)
            charge(found, name, slot, own, result)
    return result


def charge(found: House, meter: str | None, slot: int, amount: float, result: dict[str, float]) -> None:
    if meter is None:
        result[NOBODY] += amount
        return
    name, since, shares_ = found.assigned
    own: dict[str | None, float]
    if meter == name and slot >= since * DAY:
        for office, part in [*shares_, (None, 1.0 - sum(part for _, part in shares_))]:
            result[office or NOBODY] += amount * part
        return
    owner = found.meters[meter].owner
    own = fractions(found)[meter][slot] if meter.startswith("m-") else {} if owner is None else {owner: 1.0}
    for office, part in own.items():
        if office is not None:
            result[office] += amount * part
    left = 1.0 - sum(part for office, part in own.items() if office is not None)
    charge(found, found.meters[meter].parent, slot, amount * left, result)


@pytest.fixture(params=SEEDS)
def filled(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[House, Bureau]]:
    found = house(random.Random(request.param))
    with bureau(tmp_path, found.data) as book:
        book.store.append(readings(found))
        name, day, parts = found.assigned
        since = JULY + timedelta(days=day)
        book.enter(replacement(found))
        book.enter(EnergyPrice(tariff="hunan_2025", month="2026-07", price=0.5, reason="公告"))
        for office, share in parts:
            book.enter(Assignment(meter=name, since=since, office=office, share=share, reason="调整"))
        yield found, book


def table(book: Bureau, step: int, by: Any = "office") -> Any:
    times_us = [START_US + slot * SLOT_US for slot in range(0, COUNT + 1, step)]
    return book.books.usage(by, Medium.ELECTRICITY, edges(times_us))


def test_the_book_is_what_a_plain_reckoning_from_the_truth_gives(filled: tuple[House, Bureau]) -> None:
    found, book = filled
    for check in CHECKS:
        check(found, book)


def rows_are_the_main_meter(found: House, book: Bureau) -> None:
    for step in (6, DAY, COUNT):
        columns = table(book, step).columns
        for place in range(COUNT // step):
            main = sum(found.used("main", slot) for slot in range(place * step, (place + 1) * step))
            told = math.fsum(column.values[place] for column in columns.values() if not np.isnan(column.values[place]))
            assert told == pytest.approx(main, abs=1e-6)


def offices_are_charged_with_what_they_used(found: House, book: Bureau) -> None:
    expected = charged(found, 0, COUNT)
    whole = table(book, COUNT).columns
    for key, amount in expected.items():
        (use,) = whole[key].uses()
        assert use.value == pytest.approx(amount, abs=use.error + 1e-6), key
        statement = None if key == NOBODY else book.books.statement(key, JULY).media[0].total
        assert statement is None or statement.value == pytest.approx(amount, abs=statement.error + 1e-6)


def days_without_a_long_silence_are_what_was_used(found: House, book: Bureau) -> None:
    days = table(book, DAY)
    for place in range(DAYS):
        span = START_US + place * DAY * SLOT_US, START_US + (place + 1) * DAY * SLOT_US
        if any(gap.start_us < span[1] and gap.end_us > span[0] for _, gap in days.blocks):
            continue
        for key, amount in charged(found, place * DAY, (place + 1) * DAY).items():
            use = days.columns[key].uses()[place]
            if use.value is None:  # it owns nothing yet
                assert amount == 0.0, (key, place)
                continue
            assert use.value == pytest.approx(amount, abs=use.error + 1e-6), (key, place)


def every_meter_is_the_sum_of_its_rows_and_blocks(found: House, book: Bureau) -> None:
    whole = table(book, COUNT, "meter")
    for step in (6, DAY):
        part = table(book, step, "meter")
        for meter in found.meters:
            blocks = math.fsum(gap.amount or 0.0 for name, gap in part.blocks if name == meter)
            told = math.fsum(value for value in part.columns[meter].values if not np.isnan(value)) + blocks
            assert told == pytest.approx(whole.columns[meter].values[0], abs=1e-6)
            counted = math.fsum(found.counted(meter, slot) for slot in range(COUNT))
            assert whole.columns[meter].values[0] == pytest.approx(counted, abs=1e-6)
    told = math.fsum(whole.columns[meter].values[0] * percent / 100.0 for meter, percent in found.members)
    assert whole.columns["both"].values[0] == pytest.approx(told)


def what_is_missing_is_never_zero_and_told_as_it_is(found: House, book: Bureau) -> None:
    hours = table(book, 6, "meter")
    for name, meter in found.meters.items():
        for place in range(COUNT // 6):
            good = [slot not in meter.silent for slot in range(place * 6, place * 6 + 7)]
            heard = sum(
                before and after and place * 6 + slot not in (meter.reset, meter.jump)
                for slot, (before, after) in enumerate(pairwise(good))
            )
            assert hours.columns[name].completeness[place] == pytest.approx(heard / 6)
            if not any(good) and long_silence(meter.silent, place * 6):
                assert np.isnan(hours.columns[name].values[place])
    after = book.books.usage("office", Medium.ELECTRICITY, edges([END_US + SLOT_US, END_US + 7 * SLOT_US]))
    assert all(np.isnan(column.values[0]) for column in after.columns.values())
    for column in (*table(book, DAY).columns.values(), *table(book, 6).columns.values()):
        assert all(0.0 <= use.completeness <= 1.0 and 0.0 <= use.estimated_share <= 1.0 for use in column.uses())


def statements_add_up(found: House, book: Bureau) -> None:
    for office in ("o0", "o1", "o2"):
        told = book.books.statement(office, JULY)
        (medium,) = told.media
        assert medium.total.value is not None
        assert math.fsum(item.figure.value or 0.0 for item in told.items) == pytest.approx(medium.total.value)
        cost = medium.cost
        assert cost is not None
        assert math.fsum(line.amount or 0.0 for line in cost.lines) == pytest.approx(medium.total.value, abs=1e-5)
        priced = math.fsum(line.amount or 0.0 for line in cost.lines if line.price is not None)
        assert priced + cost.unpriced_amount == pytest.approx(medium.total.value, abs=1e-5)
        told_yuan = [line.yuan or 0.0 for line in cost.lines]
        told_yuan += [line.yuan or 0.0 for line in (*cost.adders, *cost.tiers, *cost.fixed)]
        assert cost.total_yuan == pytest.approx(math.fsum(told_yuan), abs=0.005)


def units_add_up_to_the_outdoor_meter(found: House, book: Bureau) -> None:
    for outdoor in found.standby:
        split = book.books.month_split(outdoor, JULY)
        counted = math.fsum(found.counted(f"m-{outdoor}", slot) for slot in range(COUNT))
        assert split.energy_kwh == pytest.approx(counted, abs=0.00501)
        assert round(math.fsum(unit.energy_kwh or 0.0 for unit in split.units), 2) == split.energy_kwh
        parts = [part or 0.0 for unit in split.units for part in unit.offices.values()]
        assert round(math.fsum(parts), 2) == split.energy_kwh


def a_closed_month_is_corrected_by_exactly_the_difference(found: House, book: Bureau) -> None:
    before = charged(found, 0, COUNT)
    book.books.close_month(JULY, actor=ADMIN, at=book.clock.now())
    day = 2
    lines = book.enter(
        Assignment(meter="sub", since=JULY + timedelta(days=day), office="o1", share=0.5, reason="一直合用")
    )
    owner = found.meters["sub"].owner
    found.meters["sub"].owner = None
    moved = math.fsum(found.counted("sub", slot) for slot in range(day * DAY, COUNT))
    for key in before:
        told = math.fsum(line.amount for line in lines if line.office == key)
        expected = moved * ((key == "o1") * 0.5 + (key == NOBODY) * 0.5 - (key == owner))
        in_silence = 0.0 if not crosses(found, day) else moved
        assert told == pytest.approx(expected, abs=1e-6 + in_silence)
    assert math.fsum(line.amount for line in lines) == pytest.approx(0.0, abs=1e-6)
    assert book.books.restate("2026-07", actor=ADMIN, reason="再核对", at=book.clock.now()) == []


def crosses(found: House, day: int) -> bool:
    return day * DAY in found.meters["sub"].silent


CHECKS: tuple[Callable[[House, Bureau], None], ...] = (
    rows_are_the_main_meter,
    offices_are_charged_with_what_they_used,
    days_without_a_long_silence_are_what_was_used,
    every_meter_is_the_sum_of_its_rows_and_blocks,
    what_is_missing_is_never_zero_and_told_as_it_is,
    statements_add_up,
    units_add_up_to_the_outdoor_meter,
    a_closed_month_is_corrected_by_exactly_the_difference,
)
