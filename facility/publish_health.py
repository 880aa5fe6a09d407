"""How publishing on a broker does: what the gateway counts and tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from facility.spool.figures import Figures


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishHealth:
    """Publishing for other systems, since it began. `up` is None until it was first tried. `published` counts messages
    the broker took, `refused` those it will never take. `spool` is where readings wait, None before it is open or
    without a stream; `lost` are readings that did not get that far. `commands` counts what other systems asked for by
    what became of it: `proposed`, or why it was not taken.
    """

    link: str
    up: bool | None
    at: datetime
    published: int
    refused: int
    topics: int
    spool: Figures | None
    lost: int
    commands: Mapping[str, int]
