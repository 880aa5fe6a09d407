"""`houqin simulate`: stands in for every device of a site, on the site's own links."""

from __future__ import annotations

import asyncio
from pathlib import Path

from facility.clock import PacedClock, SystemClock
from facility.text import Language, Text
from houqin.check import checked_site
from houqin.stopping import StopSignal
from houqin.terminal import say
from simulators.servers import serve
from simulators.world import World


def simulate_site(path: Path, *, speed: float, seed: int, language: Language) -> int:
    """Runs until Ctrl-C.

    Raises:
        SiteFileError: the site file has errors. LinkDown: a port of the site is taken.
    """
    site = checked_site(path, language)

    async def main() -> None:
        begin = SystemClock().now()
        clock = PacedClock(begin, speed) if speed != 1.0 else SystemClock()
        stop = StopSignal()
        world = World(site, seed=seed, start=begin)
        with stop.installed():
            async with serve(world, clock):
                for link, entry in site.links.items():
                    line = f"{link}: {entry.type} {entry.endpoint}"
                    say(Text(line, line), language)
                say(Text("仿真运行中,Ctrl-C 结束", "Simulating; Ctrl-C ends it"), language)
                await stop.event.wait()

    asyncio.run(main())
    return 0
