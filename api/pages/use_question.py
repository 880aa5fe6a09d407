"""What the use page is asked for, in its address and in that of the files that hold the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self, get_args
from urllib.parse import urlencode

from api.pages.periods import Period, period_of
from api.services.edges import Every
from api.services.usage_shapes import By
from api.services.use_extras import With
from facility.accounting.metering import Medium

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from facility.text import Language

BYS: Final[tuple[By, ...]] = get_args(By)
RANKS: Final = ("value", "head", "area")
ROWS: Final[Mapping[Every, tuple[Every, ...]]] = {
    Every.HOUR: (Every.TOTAL, Every.HOUR),
    Every.DAY: (Every.TOTAL, Every.DAY),
    Every.MONTH: (Every.TOTAL, Every.MONTH),
}
"""Length of rows that a day, month or year is told in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UseQuestion:
    """Whose use of what in which period, in rows of which length. `key` "": of all; `rank` orders whole periods."""

    period: Period
    by: By = "office"
    medium: Medium = Medium.ELECTRICITY
    rows: Every = Every.TOTAL
    extras: tuple[With, ...] = ()
    rank: str = "value"
    key: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str], now: datetime, zone: ZoneInfo) -> Self:
        """What an address asks for; what makes no sense in it is taken as not said."""
        period = period_of(query, now, zone, Every.DAY)
        by: By = next((known for known in BYS if known == query.get("of")), "office")
        rows = next((known for known in ROWS[period.every] if known == query.get("rows")), Every.TOTAL)
        words = query.get("with", "").split(",")
        extras = tuple(item for item in With if item in words and offered(item, by, rows))
        return cls(
            period=period,
            by=by,
            medium=next((known for known in Medium if known == query.get("medium")), Medium.ELECTRICITY),
            rows=rows,
            extras=extras,
            rank=query.get("rank", "") if query.get("rank") in RANKS else "value",
            key=query.get("key", ""),
        )

    def address(self, **changes: Any) -> str:
        """Of the page that asks for this, with other answers to some of it."""
        asked = replace(self, **changes)
        words = {
            "by": asked.period.every.value, "at": asked.period.title, "of": asked.by, "medium": asked.medium.value,
            "rows": asked.rows.value, "with": ",".join(asked.extras), "rank": asked.rank, "key": asked.key,
        }  # fmt: skip
        plain = {"of": "office", "medium": "electricity", "rows": "total", "rank": "value"}
        return f"/usage?{urlencode({name: word for name, word in words.items() if word and plain.get(name) != word})}"

    def toggled(self, extra: With) -> tuple[With, ...]:
        """The columns with `extra` taken in or out."""
        return tuple(item for item in With if (item in self.extras) != (item is extra))

    def file(self, form: str, zone: ZoneInfo, language: Language) -> str:
        """Of the same table as a file."""
        words = {
            "by": self.by, "medium": self.medium.value, "every": self.rows.value,
            "start": self.period.start.astimezone(zone).isoformat(),
            "end": self.period.end.astimezone(zone).isoformat(),
            "with": ",".join(self.extras), "format": form, "lang": language,
        }  # fmt: skip
        return f"/api/v1/usage?{urlencode({name: word for name, word in words.items() if word})}"


def offered(extra: With, by: str, rows: Every) -> bool:
    """Whether rows of that kind can have the column: a quota is of an office and a month."""
    return extra is not With.QUOTA or (by == "office" and rows is Every.MONTH)
