"""The small bureau with an outdoor unit's meter that is split, tariffs, and a July full of readings."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

from facility.quantities import ENUMERATIONS
from tests.api.house import Counter, House, house_of, local
from tests.sites import small_site_data

AUGUST = local(2026, 8, 3, 10, 0)
"""A Monday; July is over."""

RATES = {"main-meter": 10.0, "meter-401": 2.0, "meter-402": 3.0, "meter-vrf": 4.0}
"""kWh per hour; 1 of the main meter's is nobody's."""

HIGH = float(ENUMERATIONS["fan_speed"].index("high"))
THERMO_ON = float(ENUMERATIONS["thermo"].index("thermo_on"))


def bureau_parts(**accounting: Any) -> dict[str, Any]:
    """What differs from the small site: the outdoor unit has a meter, and the finance section an allowance."""
    data = small_site_data()
    data["devices"].append({"id": "m-vrf", "profile": "chint_dtsu666", "link": "meters", "unit": 21})
    data["equipment"].append(
        {"id": "meter-vrf", "kind": "electricity_meter", "device": "m-vrf", "feeds": {"equipment": "vrf-1"},
         "item": "air_conditioning", "parent": "main-meter", "max_power_kw": 20}
    )  # fmt: skip
    for item in data["equipment"]:
        if item["id"] == "vrf-1":
            item["meter"] = "meter-vrf"
        if item["id"] in ("meter-401", "meter-402"):
            item["max_power_kw"] = 10
    data["offices"][0]["quota"] = {"electricity_kwh_per_head_month": 120}
    return {key: data[key] for key in ("offices", "devices", "equipment")} | {"accounting": accounting}


def line(power_kw: float, begins: float = 1000.0) -> Counter:
    """A counter under a constant load."""
    return lambda hours: begins + power_kw * hours


def counters(rates: dict[str, float] | None = None) -> dict[str, Counter]:
    """The meters under constant load."""
    return {f"{meter}.energy_import": line(rate) for meter, rate in (rates or RATES).items()}


def units() -> dict[str, Counter]:
    """Two units run alike from 8 to 12 every day, the archive's never."""

    def running(first: float, last: float) -> Counter:
        return lambda hours: 1.0 if first <= hours % 24 < last else 0.0

    found: dict[str, Counter] = {}
    for unit, (first, last) in {"ac-401": (8, 12), "ac-402": (8, 12), "ac-archive": (0, 0)}.items():
        found |= {
            f"{unit}.on": running(first, last),
            f"{unit}.fan": lambda _: HIGH,
            f"{unit}.thermo": lambda _: THERMO_ON,
        }
    return found


def finance_day_kwh() -> float:
    """What the finance section uses in a day: its meter, and half of the outdoor unit's."""
    return 24 * (2.0 + 4.0 / 2)


@contextlib.asynccontextmanager
async def books_house(
    folder: Path, *, start: datetime | None = None, end: datetime | None = None, now: datetime = AUGUST,
    **accounting: Any,
) -> AsyncIterator[House]:  # fmt: skip
    """A house on the morning of AUGUST with readings of [start, end], the first week of July by default."""
    async with house_of(folder, now=now, **bureau_parts(**accounting)) as house:
        begins, ends = start or local(2026, 7, 1), end or local(2026, 7, 8)
        house.fill(begins, ends, counters() | units(), step_s=600)
        yield house
