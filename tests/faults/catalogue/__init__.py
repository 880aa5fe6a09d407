"""The catalogue of faults: each with what provokes it, what is asserted, its tests and its guard.

`python -m tests.faults.guards_off` takes the guards out one by one, in a copy of the tree, and looks whether the tests
notice; docs/faults.md is the catalogue as a page.
"""

from typing import Final

from tests.faults.catalogue import broker, bus, bus_values, clock, control, disk, store
from tests.faults.catalogue.entry import Fault, Guard

__all__ = ["CATALOGUE", "LAST_NUMBER", "SECTIONS", "Fault", "Guard"]

LAST_NUMBER: Final = 59
SECTIONS: Final = {
    "Field bus": (*bus.FAULTS, *bus_values.FAULTS),
    "MQTT": broker.FAULTS,
    "Time": clock.FAULTS,
    "Store and spool": store.FAULTS,
    "Disk and process": disk.FAULTS,
    "Control": control.FAULTS,
}
CATALOGUE: Final = tuple(fault for faults in SECTIONS.values() for fault in faults)
