"""B1: a request for 60 registers of one unit, checked, decoded and published, beside libmodbus in C reading the same.

Ours is what the gateway does for a device: poller, carrier with turn and time limit, transport, decoder, bus. On one
connection one request after the other; on 64 connections one on each at a time. libmodbus asks its connections in turn.
The servers are another process, on another core where there is one.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from pathlib import Path

import uvloop

from facility.bus import ReadingsTaken
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.model import Site, SiteFile, build_site
from facility.profiles import Profile
from facility.readings import Batch
from gateway.line import Line
from gateway.modbus import connect_modbus
from tests.bench.c_reader import compiled_reader, reader_slice
from tests.bench.plant import INSTANT, separate_process
from tests.bench.report import Line as Row
from tests.bench.slices import Comparison, Slice, compare, cpu_s
from tests.servers import free_port

REGISTERS = 60
MOST_CONNECTIONS = 64
REQUESTS_A_SLICE = 3200
REACH = {1: 4.0, MOST_CONNECTIONS: 2.0}
ADDRESSES = range(0, REGISTERS, 2)


def run() -> list[Row]:
    """Ratios of CPU per request at 1 and at 64 connections."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        first_port = free_port()
        stack.enter_context(separate_process("tests.bench.registers", first_port, MOST_CONNECTIONS))
        reader = compiled_reader(folder)
        rows = []
        for connections, reach in REACH.items():
            runner = stack.enter_context(asyncio.Runner(loop_factory=uvloop.new_event_loop))
            ours = Ours(first_port, connections)
            runner.run(ours.check())
            contestants: dict[str, Slice] = {"houqin": lambda r=runner, o=ours: r.run(o.rounds())}  # type: ignore[misc]
            if reader is not None:
                contestants["libmodbus"] = _c_slice(reader, first_port, connections, folder)
            rows += _rows(compare(contestants), connections, reach)
            runner.run(ours.close())
        return rows


class Ours:
    """As many lines with one device each, and a bus with one listener."""

    def __init__(self, first_port: int, connections: int) -> None:
        site, bus = _site(first_port, connections), InProcessBus()
        self._taken: list[Batch] = []
        bus.listen(ReadingsTaken, lambda message: self._taken.append(message.batch))
        clock = ManualClock(INSTANT)
        self._lines = [Line(site, name, connect_modbus(name, link), bus, clock) for name, link in site.links.items()]
        self._pollers = [poller for line in self._lines for poller in line.pollers.values()]
        assert all([(q.address, q.count) for q in p.everything] == [(0, REGISTERS)] for p in self._pollers)  # type: ignore[attr-defined]

    async def rounds(self) -> tuple[float, float]:
        """One slice of requests."""
        rounds = REQUESTS_A_SLICE // len(self._pollers)
        began = cpu_s()
        if len(self._pollers) == 1:
            await self._ask(0, rounds)
        else:
            await asyncio.gather(*(self._ask(place, rounds) for place in range(len(self._pollers))))
        spent = cpu_s() - began
        assert len(self._taken) == rounds * len(self._pollers), "some requests were not answered"
        self._taken.clear()
        return rounds * len(self._pollers), spent

    async def _ask(self, place: int, rounds: int) -> None:
        poller = self._pollers[place]
        for _ in range(rounds):
            await poller.poll(poller.everything)

    async def check(self) -> None:
        """Reads every device once and compares every value with what the server holds.

        Raises:
            AssertionError: a value is missing or differs.
        """
        for place in range(len(self._pollers)):
            await self._ask(place, 1)
        assert len(self._taken) == len(self._pollers)
        for batch in self._taken:
            assert batch.statuses is None
            assert list(batch.values) == [float(address) for address in ADDRESSES]
        self._taken.clear()

    async def close(self) -> None:
        """Ends the connections."""
        for line in self._lines:
            await line.transport.close()


def _site(first_port: int, connections: int) -> Site:
    points = [
        {
            "id": f"p{address}", "name": {"zh": f"{address}"}, "quantity": "count", "table": "holding",
            "address": address, "type": "float32",
        }
        for address in ADDRESSES
    ]  # fmt: skip
    profile = {
        "profile": "bench", "name": {"zh": "测"}, "kind": "electricity_meter", "protocol": "modbus",
        "source": {"document": "made for this bench", "grade": "community"}, "modbus": points,
    }  # fmt: skip
    places = range(connections)
    file = {
        "site": {"id": "b1", "name": {"zh": "测"}, "timezone": "Asia/Shanghai",
                 "location": {"latitude": 28, "longitude": 112}},
        "buildings": [{"id": "b", "name": {"zh": "楼"}, "floors": [{"id": "f", "level": 1}]}],
        "links": {
            f"l{place}": {"type": "modbus_tcp", "host": "127.0.0.1", "port": first_port + place} for place in places
        },
        "devices": [{"id": f"d{place}", "profile": "bench", "link": f"l{place}", "unit": 1} for place in places],
        "equipment": [{"id": f"m{place}", "kind": "electricity_meter", "device": f"d{place}"} for place in places],
    }  # fmt: skip
    return build_site(SiteFile.model_validate(file), {"bench": Profile.model_validate(profile)})


def _c_slice(reader: Path, first_port: int, connections: int, folder: Path) -> Slice:
    """64 requests a cycle, whatever the number of connections; what is read is thrown away."""
    plan = [(first_port + number % connections, 1, 3, 0, REGISTERS) for number in range(MOST_CONNECTIONS)]
    return reader_slice(
        reader, plan, folder / f"plan-{connections}.txt", Path("/dev/null"), REQUESTS_A_SLICE // MOST_CONNECTIONS,
        units=float(REQUESTS_A_SLICE),
    )  # fmt: skip


def _rows(result: Comparison, connections: int, reach: float) -> list[Row]:
    ours = result.cost_s["houqin"]
    name = "1 connection" if connections == 1 else f"{connections} connections"
    what = f"CPU of a request for {REGISTERS} registers, decoded and published, {name}"
    rows = [Row(bench="B1", what=f"control, {name}: ours against itself", figure=str(result.control), reference="1.00")]
    if "libmodbus" not in result.relative:
        return [Row(bench="B1", what=what, figure=f"{ours.median * 1e6:.3g} us", reference="no C compiler"), *rows]
    relative = result.relative["libmodbus"]
    times = 1 / relative.median
    spread = f"{times:.3g} times ({1 / relative.high:.3g} to {1 / relative.low:.3g})"
    theirs = result.cost_s["libmodbus"].median * 1e6
    row = Row(
        bench="B1", what=what, figure=f"{ours.median * 1e6:.3g} us",
        reference=f"libmodbus {theirs:.3g} us; ours {spread}", reach=f"<= {reach:g}x", reached=times <= reach,
    )  # fmt: skip
    return [row, *rows]
