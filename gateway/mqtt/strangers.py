"""Remembers who speaks on a broker without being in the site file, for whoever commissions it."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime
from typing import Final

from facility.strangers import Stranger

log = logging.getLogger(__name__)

MOST: Final = 200
SAMPLE_BYTES: Final = 200
LONGEST_NAME: Final = 200
"""Characters of a name or a topic that are kept: a topic may have 65,535."""


class Strangers:
    """The unknown senders of one link, the longest silent forgotten first.

    Args:
        link: the link of the site file.
    """

    def __init__(self, link: str) -> None:
        self._link = link
        self._known: OrderedDict[str, Stranger] = OrderedDict()
        self.messages = 0
        self._told = 0

    def note(self, sender: str, topic: str, payload: bytes, now: datetime) -> None:
        """Notes a message of an unknown sender."""
        self.messages += 1
        sender, topic = sender[:LONGEST_NAME], topic[:LONGEST_NAME]
        sample = payload[:SAMPLE_BYTES].decode("utf-8", errors="replace")
        before = self._known.pop(sender, None)
        if before is None:
            if self._told < MOST:  # whoever makes up a new name with every message does not fill the log
                self._told += 1
                log.info("line %s: %s on %s is in no entry of the site file: %r", self._link, sender, topic, sample)
            self._known[sender] = Stranger(
                link=self._link, id=sender, topic=topic, first=now, last=now, messages=1, sample=sample
            )
        else:
            self._known[sender] = replace(
                before, topic=topic, last=now, messages=before.messages + 1, sample=sample
            )  # fmt: skip
        if len(self._known) > MOST:
            self._known.popitem(last=False)

    @property
    def list(self) -> tuple[Stranger, ...]:
        """Everyone remembered, the newest first."""
        return tuple(reversed(self._known.values()))
