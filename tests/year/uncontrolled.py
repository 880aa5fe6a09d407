"""The same days without control: people switch their units themselves, and sometimes leave them on."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np

from facility.local_days import midnight
from facility.model import Site
from houqin.past import WARM_UP
from simulators.physics.people import COLD_C, HOT_C
from simulators.physics.plant import COOL, HEAT
from simulators.world import World
from tests.year.comfort import Comfort, Watching

MINUTE: Final = timedelta(minutes=1)
THINKS_EVERY_MIN: Final = 15
COOL_TO_C: Final = 26.0
HEAT_TO_C: Final = 24.0
"""What people set at the wall, as `simulators/physics/people.py` has it."""


def live_uncontrolled(site: Site, first: date, days: int, seed: int) -> dict[str, Comfort]:
    """Local day -> how people had it. Whoever is in a room that is too warm or too cold for them switches its unit on;
    whoever leaves last switches it off four times in five; the rest run on. Blocking.
    """
    start = midnight(first, site.zone)
    end = midnight(first + timedelta(days=days), site.zone)
    world = World(site, seed=seed, start=start - WARM_UP)
    world.advance(start)
    watching = Watching(world)
    now = start
    while now < end:
        after = now + MINUTE
        watching.look(now, after)
        world.advance(after)
        now = after
        if now.minute % THINKS_EVERY_MIN == 0:
            switch_on_where_wanted(world)
    return watching.days


def switch_on_where_wanted(world: World) -> None:
    """Everybody who is in, and whose unit is off, looks at how warm it is."""
    building = world.building
    plant, layout = building.plant, building.layout
    occupied = (layout.share_of_room > 0) @ (building.people.heads > 0) > 0
    hot = occupied & (plant.on == 0) & (plant.return_air_c >= HOT_C)
    cold = occupied & (plant.on == 0) & (plant.return_air_c <= COLD_C)
    for wanted, mode, setpoint_c in ((hot, COOL, COOL_TO_C), (cold, HEAT, HEAT_TO_C)):
        rows = np.flatnonzero(wanted)
        plant.mode[rows], plant.setpoint_c[rows], plant.on[rows] = mode, setpoint_c, 1.0
