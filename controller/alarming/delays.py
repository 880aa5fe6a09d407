"""Waits before a condition counts as abnormal or as normal again, so that a flutter is no alarm."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Delayed:
    """A condition behind its two delays. `raw` is what it says now, since `raw_since` (None: nothing was said yet);
    `counts` is what it counts as.
    """

    on_delay_s: float = 0.0
    off_delay_s: float = 0.0
    raw: bool = False
    raw_since: datetime | None = None
    counts: bool = False

    def said(self, abnormal: bool, at: datetime) -> Delayed:
        """After the condition said `abnormal` at `at`; what it says again began when it first said so."""
        if abnormal == self.raw and self.raw_since is not None:
            return self.at(at)
        return replace(self, raw=abnormal, raw_since=at).at(at)

    def at(self, now: datetime) -> Delayed:
        """The same at `now`: a delay that has passed counts."""
        due = self.due
        return replace(self, counts=self.raw) if due is not None and now >= due else self

    @property
    def due(self) -> datetime | None:
        """When the delay that runs is over, None when none runs."""
        if self.raw == self.counts or self.raw_since is None:
            return None
        return self.raw_since + timedelta(seconds=self.on_delay_s if self.raw else self.off_delay_s)
