"""A bounded queue of records on disk, for what must outlast an outage of the other side (see docs/keeping.md)."""

from facility.spool.figures import Figures
from facility.spool.records import Group, Kept, Record
from facility.spool.rules import Bounds, ClassRule, Keep
from facility.spool.spool import KEPT_S, Spool

__all__ = ["KEPT_S", "Bounds", "ClassRule", "Figures", "Group", "Keep", "Kept", "Record", "Spool"]
