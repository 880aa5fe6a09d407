"""B2: points per CPU second over the example site, read and kept, beside the usual way and beside C.

All contestants read every Modbus point of the example site once a cycle, one request at a time on a connection, from
the same servers in another process. Ours decodes, scales, checks and keeps each cycle durably in the embedded store;
the usual way (pymodbus, a request and `convert_from_registers` a point) keeps nothing; libmodbus in C writes the raw
registers of our planned requests to a synced log.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

import uvloop
from pymodbus.client import AsyncModbusTcpClient

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.model import Point, Site
from facility.model.entries import ModbusTcpLink
from facility.profiles import ModbusPoint, Table
from facility.profiles.gathering import gathering_of
from facility.profiles.planner import Reach, plan
from facility.readings import Batch
from facility.store.embedded import EmbeddedStore
from gateway.gateway import Gateway
from tests.bench.c_reader import Request, compiled_reader, reader_slice
from tests.bench.plant import INSTANT, building, separate_process, site_on
from tests.bench.report import Line
from tests.bench.slices import Comparison, Slice, compare, cpu_s
from tests.servers import free_port

FUNCTIONS = {Table.COIL: 1, Table.DISCRETE: 2, Table.HOLDING: 3, Table.INPUT: 4}
_KINDS = AsyncModbusTcpClient.DATATYPE
KINDS = {
    "int16": _KINDS.INT16, "uint16": _KINDS.UINT16, "int32": _KINDS.INT32, "uint32": _KINDS.UINT32,
    "int64": _KINDS.INT64, "uint64": _KINDS.UINT64, "float32": _KINDS.FLOAT32, "float64": _KINDS.FLOAT64,
}  # fmt: skip
OUR_CYCLES = 4
C_CYCLES = 40


def run() -> list[Line]:
    """Ratios of CPU per point; every value of ours is compared with the building's own first."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        first_port = free_port()
        site = site_on(first_port)
        stack.enter_context(separate_process("tests.bench.plant", first_port))
        runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
        store = EmbeddedStore(folder / "store")
        stack.callback(store.close)
        ours = Ours(site, store)
        runner.run(ours.check())
        usual = Usual(site)
        stack.callback(lambda: runner.run(usual.close()))
        contestants: dict[str, Slice] = {
            "houqin": lambda: runner.run(ours.cycles(OUR_CYCLES)),
            "pymodbus": lambda: runner.run(usual.cycle()),
        }
        reader = compiled_reader(folder)
        if reader is not None:
            contestants["libmodbus"] = reader_slice(
                reader, planned_requests(site), folder / "plan.txt", folder / "c.log", C_CYCLES,
                units=float(C_CYCLES * len(ours.points)),
            )  # fmt: skip
        result = compare(contestants)
        runner.run(ours.close())
    return _lines(result, len(ours.points))


class Ours:
    """The gateway as it runs, its readings kept once a cycle."""

    def __init__(self, site: Site, store: EmbeddedStore) -> None:
        self.site = site
        self.points = modbus_points(site)
        self._store = store
        self._bus = InProcessBus()
        self._clock = ManualClock(INSTANT)
        self._taken: list[Batch] = []
        self._bus.listen(ReadingsTaken, lambda message: self._taken.append(message.batch))
        self._gateway = Gateway(site, self._bus, self._clock)

    async def cycles(self, count: int) -> tuple[float, float]:
        """Reads and keeps every point `count` times."""
        began = cpu_s()
        for _ in range(count):
            self._clock.advance(10)
            await self._gateway.poll_once()
            self._store.append(self._taken)
            self._taken.clear()
        return count * len(self.points), cpu_s() - began

    async def check(self) -> None:
        """Reads once and compares every value with what the building holds.

        Raises:
            AssertionError: a value is missing or differs.
        """
        await self._gateway.poll_once()
        got = {point: value for batch in self._taken for point, value in zip(batch.points, batch.values, strict=True)}
        self._taken.clear()
        counters = building(self.site).counters()
        missing = [point.id for point in self.points if point.id not in got]
        assert not missing, f"not read: {missing[:5]}"
        checked = 0
        for point, held in counters.items():
            value = got.get(point)
            if value is None:
                continue
            assert abs(value - held) <= max(0.01, abs(held) * 1e-6), f"{point}: read {value}, held {held}"
            checked += 1
        assert checked > 50, f"only {checked} counters were compared"

    async def close(self) -> None:
        """Ends the connections."""
        await self._gateway.close()


class Usual:
    """One request a point, one `convert_from_registers` a value."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._points = modbus_points(site)
        self._clients: dict[str, AsyncModbusTcpClient] = {}

    async def cycle(self) -> tuple[float, float]:
        """Reads every point once."""
        for name, link in self._site.links.items():
            if isinstance(link, ModbusTcpLink) and name not in self._clients:
                self._clients[name] = AsyncModbusTcpClient(link.host, port=link.port)
                await self._clients[name].connect()
        began = cpu_s()
        for point in self._points:
            await self._read(point)
        return len(self._points), cpu_s() - began

    async def _read(self, point: Point) -> float | bool:
        device = self._site.devices[point.device]
        spec = point.spec
        assert isinstance(spec, ModbusPoint)
        assert point.address is not None
        assert device.unit is not None
        client = self._clients[device.link]
        if spec.table in (Table.COIL, Table.DISCRETE):
            ask = client.read_coils if spec.table is Table.COIL else client.read_discrete_inputs
            return (await ask(point.address, count=1, device_id=device.unit)).bits[0]
        read = client.read_holding_registers if spec.table is Table.HOLDING else client.read_input_registers
        answer = await read(point.address, count=spec.registers, device_id=device.unit)
        value = client.convert_from_registers(answer.registers, KINDS[spec.type])
        assert isinstance(value, int | float)
        return value * float(spec.scale)

    async def close(self) -> None:
        """Ends the connections."""
        for client in self._clients.values():
            client.close()


def modbus_points(site: Site) -> list[Point]:
    """Every point that is read over Modbus."""
    return [point for point in site.points.values() if isinstance(point.spec, ModbusPoint)]


def planned_requests(site: Site) -> list[Request]:
    """The requests of one cycle, as our planner asks."""
    rows = []
    for device in site.devices.values():
        link, profile = site.links[device.link], site.profile_of(device.id)
        if not isinstance(link, ModbusTcpLink) or device.unit is None:
            continue
        for table, function in FUNCTIONS.items():
            spans = [
                gathering_of(profile, site.equipment[point.equipment].slot, point.spec).span
                for point in site.points_of_device(device.id)
                if isinstance(point.spec, ModbusPoint) and point.spec.table is table
            ]
            requests = plan(spans, Reach.of(profile.limits, table)).requests
            rows += [(link.port, device.unit, function, span.address, span.size) for span in requests]
    return rows


def _lines(result: Comparison, points: int) -> list[Line]:
    usual = result.relative["pymodbus"]
    ours = 1 / result.cost_s["houqin"].median
    lines = [
        Line(
            bench="B2", what=f"points per CPU second, example site ({points} Modbus points), read and kept",
            figure=f"{ours:,.0f}",
            reference=f"pymodbus, one request a point: {1 / result.cost_s['pymodbus'].median:,.0f}; ours {usual} times",
            reach=">= 30x", reached=usual.median >= 30,
        )
    ]  # fmt: skip
    if "libmodbus" in result.relative:
        ratio = result.relative["libmodbus"]
        lines.append(
            Line(
                bench="B2", what="the same against libmodbus in C writing a log", figure=f"{ours:,.0f}",
                reference=f"{1 / result.cost_s['libmodbus'].median:,.0f}; ours {ratio} times",
                reach=">= 0.5x", reached=ratio.median >= 0.5,
            )
        )  # fmt: skip
    else:
        lines.append(Line(bench="B2", what="against libmodbus in C", figure="", reference="no C compiler or libmodbus"))
    lines.append(Line(bench="B2", what="control: ours against itself", figure=str(result.control), reference="1.00"))
    return lines
