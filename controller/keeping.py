"""The controller's part in the journal: what a restart needs, what happened at the walls, and what is filed.

A journal that is away keeps nobody from controlling the building: everything waits, and it is told once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from controller.filing_desk import FilingDesk
from facility.errors import StoreUnavailable
from facility.filings import Filing
from facility.journal import Journal

log = logging.getLogger(__name__)

STATE_KEY: Final = "controller"
MOST_EVENTS: Final = 10_000
"""So many events wait while the journal is away, which is about two weeks of them; newer ones are not kept then."""


class Keeper:
    """Writes for the controller, and reads what others entered. All calls but `event` block.

    Args:
        journal: None keeps nothing.
        filings: takes in what is filed.
        most_events: so many events wait while the journal is away.
    """

    def __init__(self, journal: Journal | None, filings: FilingDesk, *, most_events: int = MOST_EVENTS) -> None:
        self._journal = journal
        self._filings = filings
        self._events: list[tuple[str, str, datetime, Mapping[str, Any]]] = []
        self._unwritten = False
        self._most_events, self._full = most_events, False
        self._writing = threading.Lock()  # a write off the loop may still run when the last one begins

    @property
    def keeps(self) -> bool:
        """Whether there is a journal at all."""
        return self._journal is not None

    def event(self, kind: str, equipment: str, at: datetime, data: Mapping[str, Any]) -> None:
        """Remembers something that happened until the next write."""
        if self._journal is None:
            return
        if len(self._events) < self._most_events:
            self._events.append((kind, equipment, at, data))
        elif not self._full:
            self._full = True
            log.error(
                "the journal is behind by %d of the controller's events: new ones are not kept", self._most_events
            )

    def recall(self, now: datetime) -> Any:
        """What was saved last, None when nothing was; takes in what is filed at the same time."""
        if self._journal is None:
            return None
        self._filings.revision = self._journal.filings.revision()
        self._filings.replace_all(self._journal.filings.standing_from(now))
        return self._journal.load_state(STATE_KEY)

    def write(self, state: Mapping[str, Any]) -> None:
        """Writes events and state.

        Raises:
            StoreUnavailable: the journal is away; what it did not take waits for the next time.
        """
        assert self._journal is not None
        with self._writing:
            while self._events:
                self._journal.record_event(*self._events[0])
                del self._events[0]
            self._full = False
            self._journal.save_state(STATE_KEY, state)

    def write_if_possible(self, state: Mapping[str, Any]) -> None:
        """The same, and goes on where the journal is away."""
        try:
            self.write(state)
        except StoreUnavailable as error:
            if not self._unwritten:
                log.warning("the controller goes on, its state and events wait for the journal: %s", error)
            self._unwritten = True
        else:
            if self._unwritten:
                log.warning("the journal takes the controller's state and events again")
            self._unwritten = False

    def filed_since(self, now: datetime) -> list[Filing] | None:
        """What stands in the register, where anybody changed it since it was last read; None where nobody did, or the
        journal is away.
        """
        if self._journal is None:
            return None
        try:
            revision = self._journal.filings.revision()
            if revision == self._filings.revision:
                return None
            found = self._journal.filings.standing_from(now)
        except StoreUnavailable:
            return None  # what is known goes on to hold; `write_if_possible` tells that the journal is away
        self._filings.revision = revision
        return found
