"""A condition that is believed only after it held for a time, counted by time stamps and never by cycles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Held:
    """What is believed (`state`), what is seen now (`seen`) and since when. None: not known."""

    state: bool | None = None
    seen: bool | None = None
    since: datetime | None = None

    def step(
        self, seen: bool | None, now: datetime, *, rise_s: float, fall_s: float, at: datetime | None = None
    ) -> Held:
        """The same after seeing `seen` at `now`.

        Believed true after `rise_s`, false after `fall_s` of seeing nothing else. Unknown changes no belief and starts
        the count again. `at` is when the value seen began, where a device's own time says so; None: when first seen.
        Returns itself when nothing changed.
        """
        if seen is None:
            return self if self.seen is None else Held(self.state)
        since = self.since
        if seen is not self.seen or since is None:
            since = now if at is None else min(at, now)
        elif at is not None and at > since:
            since = min(at, now)
        state = self.state
        if seen is not state and (now - since).total_seconds() >= (rise_s if seen else fall_s):
            state = seen
        if state is self.state and seen is self.seen and since == self.since:
            return self
        return Held(state, seen, since)

    def flips_at(self, *, rise_s: float, fall_s: float) -> datetime | None:
        """When the belief changes if nothing else is seen; None when it would not."""
        if self.seen is None or self.since is None or self.seen is self.state:
            return None
        return self.since + timedelta(seconds=rise_s if self.seen else fall_s)

    def lasted_s(self, now: datetime) -> float:
        """Seconds for which what is seen now was seen; 0.0 when nothing is."""
        return 0.0 if self.since is None else (now - self.since).total_seconds()


def wider(held: Held) -> Held:
    """What a narrower threshold tells of a wider one: what is true there is true here, what is false says nothing."""
    return Held(held.state or None, True, held.since) if held.seen else Held(held.state or None)
