"""What goes into a spool and comes out of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facility.spool.segment import Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Bytes of one class, of whatever their owner makes of them.

    `items`: how many readings or messages they hold; that is what is counted. `time_us`: when it was handed in,
    microseconds since 1970 UTC; its age is reckoned from it. What the bytes say of their own times is not touched.

    Raises:
        ValueError: it holds no item.
    """

    name: str
    body: bytes
    time_us: int
    items: int = 1

    def __post_init__(self) -> None:
        if self.items < 1:
            raise ValueError(f"a record of class {self.name} with {self.items} items; at least one is needed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A record as it lies in the spool. `number` rises by the order in which records were handed in."""

    number: int
    name: str
    body: bytes
    time_us: int
    items: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Group:
    """Neighbouring records in order, taken out together and acknowledged together. `tally` says how many items are
    from which file.
    """

    records: Sequence[Kept]
    tally: Mapping[Segment, int]

    def __len__(self) -> int:
        return len(self.records)

    @property
    def last(self) -> int:
        """Number of the last record."""
        return self.records[-1].number

    @property
    def items(self) -> int:
        """Items of all records."""
        return sum(record.items for record in self.records)
