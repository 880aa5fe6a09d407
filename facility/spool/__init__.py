"""A bounded queue of records on disk, for what must outlast an outage of the other side (see docs/keeping.md)."""

from facility.spool.records import Group, Kept, Record
from facility.spool.rules import Bounds, ClassRule, Keep
from facility.spool.spool import Figures, Spool

__all__ = ["Bounds", "ClassRule", "Figures", "Group", "Keep", "Kept", "Record", "Spool"]
