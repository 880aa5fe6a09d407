"""A bureau with an account book, served by a process of its own: pages know one building per process.

Two months of readings at a constant load: an outdoor unit that is split, a tariff, quotas, a silence over midnight, and
a jump that nobody has judged. June is closed. It is the morning of 3 August.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

import uvicorn

from facility.accounting.entries import EnergyPrice
from facility.commands import Actor, Role
from facility.quantities import ENUMERATIONS
from tests.api.books_house import bureau_parts, line
from tests.api.house import Counter, House, house_of, local
from tests.servers import accepts, free_port, wait_for

NOW: Final = local(2026, 8, 3, 10, 0)
FIRST: Final = local(2026, 6, 20)
STEP_S: Final = 600
RATES: Final = {"main-meter": 10.0, "meter-401": 2.0, "meter-402": 3.0}
VRF_KW: Final = 4.0
"""kWh per hour; 1 of the main meter's 10 is nobody's, and 4 more until the outdoor unit's meter speaks, on 1 July."""

SILENCE: Final = (local(2026, 7, 14, 22), local(2026, 7, 15, 3))
"""The general office's meter said nothing."""

JUMP: Final = local(2026, 8, 2, 10)
JUMP_KWH: Final = 500.0
"""The finance office's meter rose by so much at once; its circuit carries 10 kW."""

HIGH: Final = float(ENUMERATIONS["fan_speed"].index("high"))
THERMO_ON: Final = float(ENUMERATIONS["thermo"].index("thermo_on"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bureau:
    """Where it is served, and a token of every role."""

    address: str
    tokens: dict[str, str]


def _hours(time: Any) -> float:
    return float((time - FIRST).total_seconds() / 3600)


def _counters() -> dict[str, Counter]:
    silent_from, silent_to = map(_hours, SILENCE)
    jump, spoke = _hours(JUMP), _hours(local(2026, 7, 1))
    found = {f"{meter}.energy_import": line(rate) for meter, rate in RATES.items()}
    straight, finance = line(RATES["meter-402"]), line(RATES["meter-401"])
    found["meter-402.energy_import"] = lambda hours: None if silent_from < hours < silent_to else straight(hours)
    found["meter-401.energy_import"] = lambda hours: (finance(hours) or 0.0) + (JUMP_KWH if hours > jump else 0.0)
    split = line(VRF_KW)
    found["meter-vrf.energy_import"] = lambda hours: None if hours < spoke else split(hours)
    found["weather.temperature"] = lambda hours: 30.0 + 4.0 * math.sin((hours % 24 - 9) / 24 * 2 * math.pi)
    return found | _units()


def _units() -> dict[str, Counter]:
    """401 runs from 8 to 12, 402 from 8 to 16, the archive's unit never."""

    def running(first: float, last: float) -> Counter:
        return lambda hours: 1.0 if first <= hours % 24 < last else 0.0

    found: dict[str, Counter] = {}
    for unit, (first, last) in {"ac-401": (8, 12), "ac-402": (8, 16), "ac-archive": (0, 0)}.items():
        found[f"{unit}.on"] = running(first, last)
        found[f"{unit}.fan"] = lambda _: HIGH
        found[f"{unit}.thermo"] = lambda _: THERMO_ON
    return found


def _parts() -> dict[str, Any]:
    parts = bureau_parts(tariffs={"electricity": "hunan_2025"}, remainder_percent=5)
    names = {
        "main-meter": ("总电表", "Main meter"), "meter-401": ("401 电表", "Meter 401"),
        "meter-402": ("402 电表", "Meter 402"), "meter-vrf": ("空调主机电表", "Outdoor unit's meter"),
        "vrf-1": ("1 号室外机", "Outdoor unit 1"), "ac-401": ("401 空调", "AC 401"), "ac-402": ("402 空调", "AC 402"),
        "ac-archive": ("档案室空调", "AC archive"),
    }  # fmt: skip
    for item in parts["equipment"]:
        if item["id"] in names:
            item["name"] = dict(zip(("zh", "en"), names[item["id"]], strict=True))
        if item["id"] == "main-meter":
            item["max_power_kw"] = 60
        if item["id"] == "vrf-1":
            item["standby_kw"] = 0.1
    parts["offices"][0]["quota"] = {"electricity_kwh_per_head_month": 300}
    parts["offices"][0]["responsible"] = "财务科科长"
    return parts


async def _serve(folder: Path, port: int) -> None:
    async with house_of(folder, now=NOW, open_reading=True, pages=True, **_parts()) as house:
        house.clock.pace = 1.0
        house.fill(FIRST, NOW, _counters(), step_s=STEP_S)
        _enter(house)
        for point in ("main-meter", "meter-401", "meter-402", "meter-vrf"):
            value = _counters()[f"{point}.energy_import"](_hours(NOW))
            house.tell(NOW, {f"{point}.energy_import": value})
        config = uvicorn.Config(house.app, host="127.0.0.1", port=port, log_level="warning", access_log=False,
                                lifespan="off", timeout_graceful_shutdown=2)  # fmt: skip
        server = uvicorn.Server(config)
        print(json.dumps(house.tokens), flush=True)
        await server.serve()


def _enter(house: House) -> None:
    administrator = Actor(name="the administrator", role=Role.ADMINISTRATOR)
    for month in ("2026-06", "2026-07"):
        price = EnergyPrice(tariff="hunan_2025", month=month, price=0.6, reason="公告")
        house.journal.accounts.enter(price, actor=administrator, at=NOW)
    house.context.books.close_month(date(2026, 6, 1), actor=administrator, at=NOW)


@contextlib.contextmanager
def bureau(folder: Path) -> Iterator[Bureau]:
    """The bureau while the context lasts."""
    port = free_port()
    command = [sys.executable, "-m", "tests.pages.bureau", str(folder), str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        tokens = json.loads(process.stdout.readline() or "{}")
        wait_for(lambda: accepts(port) or process.poll() is not None, "start of the bureau", 30.0)
        assert process.poll() is None, "the bureau did not start"
        yield Bureau(address=f"http://127.0.0.1:{port}", tokens=tokens)
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1]), int(sys.argv[2])))
