"""B9: one control cycle with 100, 1,000 and 10,000 indoor units, all of them read again since the last cycle."""

from __future__ import annotations

import gc
import statistics
from datetime import UTC, datetime
from typing import Any, Final

from controller.controller import Controller
from controller.policy.site_policy import load_policy
from facility.bus import CommandIssued, ForecastReceived, OutcomeReported, ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import Command, Confirmed, Mode, Wish
from facility.live import LiveImage
from facility.model import Site, SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.quantities import state_value
from facility.readings import Batch, to_us
from tests.bench.report import Line
from tests.bench.slices import cpu_s

SIZES: Final = (100, 1_000, 10_000)
HOSTED: Final = 64
PERIOD_S: Final = 5.0
BEGIN: Final = datetime(2026, 7, 10, 3, 0, tzinfo=UTC)
CYCLES: Final = 25
REACH_MS: Final = 50.0


def run() -> list[Line]:
    """CPU milliseconds of `cycle` alone, medians; units are running, and each was read again before every cycle."""
    buildings = {size: Building(size) for size in SIZES}
    figures = {size: building.median_cycle_ms() for size, building in buildings.items()}
    edges = {size: building.window_end_ms() for size, building in buildings.items()}
    lines = [
        Line(
            bench="B9", what=f"one control cycle, {size:,} units, each read again",
            figure=f"{figure:.2f} ms", reference=f"{1000 * figure / size:.2f} us a unit",
            reach="50 ms" if size == SIZES[-1] else "", reached=figure <= REACH_MS if size == SIZES[-1] else None,
        )
        for size, figure in figures.items()
    ]  # fmt: skip
    lines += [
        Line(
            bench="B9", what=f"the cycle at 17:00 in which {size:,} units are decided anew, explained and switched off",
            figure=f"{edge:.1f} ms", reference=f"{1000 * edge / size:.1f} us a unit",
        )
        for size, edge in edges.items()
    ]  # fmt: skip
    growth = figures[SIZES[-1]] / figures[SIZES[1]]
    lines.append(
        Line(
            bench="B9", what="growth from 1,000 to 10,000 units, each read again; decided anew",
            figure=f"{growth:.1f} times; {edges[SIZES[-1]] / edges[SIZES[1]]:.1f} times",
            reference="10 times: linear", reach="<= 12", reached=max(growth, edges[SIZES[-1]] / edges[SIZES[1]]) <= 12,
        )
    )  # fmt: skip
    return lines


class Building:
    """A site of `size` units that cool, without wires: orders are obeyed at once."""

    def __init__(self, size: int) -> None:
        self.site = large_site(size)
        self.clock = ManualClock(BEGIN)
        self.bus = InProcessBus()
        self.live = LiveImage(self.bus)
        self.on = dict.fromkeys(self.site.indoor_units, False)
        self.bus.listen(CommandIssued, lambda message: self._obey(message.command))
        self.controller = Controller(
            self.site, self.bus, self.clock, self.live, policy=load_policy(self.site.file), calendar=Calendar(),
            journal=None, period_s=PERIOD_S,
        )  # fmt: skip
        today = BEGIN.astimezone(self.site.zone).date()
        forecast = ForecastReceived(provider="manual", issued=BEGIN, fetched=BEGIN, daily_max_c={today: 35.0})
        self.bus.publish(forecast)
        gc.freeze()

    def median_cycle_ms(self) -> float:
        """Lives half an hour at first, so that all that may run does."""
        for _ in range(60):
            self._step(30.0)
        times = [self._step(PERIOD_S) for _ in range(CYCLES)]
        running = sum(self.on.values())
        assert running > 0.9 * len(self.on), f"only {running} of {len(self.on)} units run"
        return 1000 * statistics.median(times)

    def window_end_ms(self) -> float:
        """CPU milliseconds of the one cycle at the end of the supply window."""
        end = datetime(2026, 7, 10, 9, 0, tzinfo=UTC)
        while (left_s := (end - self.clock.now()).total_seconds()) > 600:
            self._step(600.0)
        took = self._step(left_s)
        assert not any(self.on.values()), "every unit is off at 17:00"
        return 1000 * took

    def _step(self, seconds: float) -> float:
        self.clock.advance(seconds)
        self._read_all()
        gc.disable()
        began = cpu_s()
        self.controller.cycle(self.clock.now())
        took = cpu_s() - began
        gc.enable()
        return took

    def _read_all(self) -> None:
        now_us = to_us(self.clock.now())
        self._tell(now_us, ("weather.temperature", "weather.rain"), (34.0, 0.0))
        for unit, on in self.on.items():
            names = tuple(f"{unit}.{name}" for name in ("on", "mode", "setpoint", "room_temperature"))
            self._tell(now_us, names, (float(on), state_value("hvac_mode", "cool"), 28.0, 29.0 + now_us % 7 / 10))

    def _tell(self, now_us: int, points: tuple[str, ...], values: tuple[float, ...]) -> None:
        self.bus.publish(ReadingsTaken(batch=Batch(time_us=now_us, points=points, values=values)))

    def _obey(self, command: Command) -> None:
        if command.wish.on is not None:
            self.on[command.equipment] = command.wish.on
        read = Wish(on=self.on[command.equipment], mode=Mode.COOL, setpoint_c=28.0)
        outcome = Confirmed(command_id=command.id, equipment=command.equipment, at=self.clock.now(), read=read)
        self.bus.publish(OutcomeReported(outcome=outcome))


def large_site(size: int) -> Site:
    """`size` indoor units behind gateways of 64, one office each, an outdoor unit for every 32."""
    numbers = range(size)
    data: dict[str, Any] = {
        "site": {
            "id": "hq", "name": {"zh": "大楼"}, "timezone": "Asia/Shanghai",
            "location": {"latitude": 28.2, "longitude": 112.9},
        },
        "weather": {"outdoor": ["weather.temperature"], "rain": ["weather.rain"]},
        "buildings": [{"id": "main", "name": {"zh": "楼"}, "floors": [{"id": "f1", "level": 1}]}],
        "offices": [{"id": f"o{number}", "name": {"zh": f"科室{number}"}} for number in numbers],
        "spaces": [{"id": f"r{n}", "floor": "f1", "class": "office", "office": f"o{n}"} for n in numbers],
        "links": {
            "plant": {"type": "modbus_tcp", "host": "127.0.0.1", "port": 1502},
            "sensors": {"type": "mqtt", "host": "127.0.0.1", "port": 1883},
        },
        "devices": [
            {"id": "ws", "profile": "mqtt_weather_station", "link": "sensors", "topic": "weather"},
            *(
                {"id": f"g{n}", "profile": "coolmasternet", "link": "plant", "unit": n}
                for n in range(size // HOSTED + 1)
            ),
        ],
        "equipment": [
            {"id": "weather", "kind": "weather_station", "device": "ws"},
            *({"id": f"vrf{n}", "kind": "outdoor_unit"} for n in range(size // 32 + 1)),
            *(
                {
                    "id": f"ac{n}", "kind": "indoor_unit", "device": f"g{n // HOSTED}", "slot": n % HOSTED,
                    "outdoor_unit": f"vrf{n // 32}", "capacity_kw": 5.0, "serves": [f"r{n}"],
                }
                for n in numbers
            ),
        ],
    }  # fmt: skip
    return build_site(SiteFile.model_validate(data), ProfileLibrary())
