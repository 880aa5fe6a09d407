"""Watches the account book: what somebody has to look at becomes an alarm, and ends as one when it is settled."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from facility.accounting.metering import Medium, medium_at, unit_of
from facility.accounting.tree import Balance
from facility.books.books import Books
from facility.bus.messages import AlarmChanged, AlarmLevel
from facility.bus.protocol import Bus
from facility.clock import Clock
from facility.errors import StoreDamaged, StoreUnavailable
from facility.journal import Journal
from facility.local_days import date_at, midnight_us
from facility.store.worker import StoreReader
from facility.text import Text

PAUSE: Final = timedelta(hours=1)
"""Clock time between two looks."""

HELD_DAYS: Final = 400
FROZEN_DAYS: Final = 2
"""How far back held jumps and counters that stand still are looked for."""

PREFIX: Final = "books."

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that a person has to look at; `key` names it for as long as it lasts."""

    key: str
    level: AlarmLevel
    text: Text
    equipment: str


def findings(books: Books) -> list[Finding]:
    """All there is to look at now: held jumps, counters that stand still under load, remainders beyond the limit.

    Raises:
        StoreUnavailable, StoreDamaged: readings or records cannot be had now.
    """
    return [*_held(books), *_frozen(books), *_remainders(books)]


def _held(books: Books) -> Iterable[Finding]:
    end_us = books.now_us()
    start_us = end_us - HELD_DAYS * 86_400_000_000
    for meter in books.site.meters:
        jumps = books.doubts.held(meter, start_us, end_us)
        if not jumps:
            continue
        unit = unit_of(medium_at(books.site, meter))
        day = date_at(jumps[-1].end_us, books.site.zone)
        amount = sum(jump.amount for jump in jumps)
        yield Finding(
            key=f"{PREFIX}held.{meter}",
            level=AlarmLevel.WARNING,
            text=Text(
                f"电表读数突增未入账:{len(jumps)} 次共 {amount:.2f} {unit}(最近 {day}),超过回路能力,请核对后接受或拒绝",
                f"{len(jumps)} jump(s) of the counter, {amount:.2f} {unit} in all (last {day}), are faster than the "
                "circuit can carry and not booked: check, then accept or reject",
            ),
            equipment=meter,
        )


def _frozen(books: Books) -> Iterable[Finding]:
    end_us = books.now_us()
    start_us = end_us - FROZEN_DAYS * 86_400_000_000
    for meter in books.site.meters:
        for gap in books.doubts.frozen(meter, start_us, end_us)[-1:]:
            hours = (gap.end_us - gap.start_us) / 3.6e9
            yield Finding(
                key=f"{PREFIX}frozen.{meter}",
                level=AlarmLevel.WARNING,
                text=Text(
                    f"计量读数在有负荷时停走 {hours:.1f} 小时,请检查电表与接线",
                    f"the counter stood still for {hours:.1f} h under load: check the meter and its wiring",
                ),
                equipment=meter,
            )


def _remainders(books: Books) -> Iterable[Finding]:
    """Of yesterday, so that every meter has had its say."""
    limit = books.site.file.accounting.remainder_percent
    if limit is None:
        return
    today = date_at(books.now_us(), books.site.zone)
    span = midnight_us(today - timedelta(days=1), books.site.zone), midnight_us(today, books.site.zone)
    for medium in Medium:
        for top in books.balance(medium, *span):
            yield from (_remainder(node, medium, limit) for node in _beyond(top, limit))


def _beyond(node: Balance, limit: float) -> Iterable[Balance]:
    """The meters behind which more than `limit` percent is not metered, or more than all of it."""
    if node.remainder is not None:
        rest, whole = float(node.remainder.values[0]), float(node.amounts.values[0])
        allowed = limit / 100.0 * whole + float(node.remainder.error[0])
        if abs(rest) > allowed:  # a remainder that is not known is not beyond anything
            yield node
    for child in node.children:
        yield from _beyond(child, limit)


def _remainder(node: Balance, medium: Medium, limit: float) -> Finding:
    assert node.remainder is not None, "a meter without sub-meters has no remainder"
    rest, whole, unit = float(node.remainder.values[0]), float(node.amounts.values[0]), unit_of(medium)
    return Finding(
        key=f"{PREFIX}remainder.{node.meter}",
        level=AlarmLevel.WARNING,
        text=Text(
            f"昨日未分表计量 {rest:.1f} {unit},总量 {whole:.1f} {unit},超过 {limit:g}%,"
            "请检查分表、互感器变比和未装表回路",
            f"yesterday {rest:.1f} {unit} of {whole:.1f} {unit} were not measured by any meter behind it, more than "
            f"{limit:g} %: check sub-meters, transformer ratios, circuits without a meter",
        ),
        equipment=node.meter,
    )


class BookWatch:
    """Looks at the books every hour of clock time (a fast clock: every minute of wall time) and says on the bus what is
    new and what is settled, alarms that an earlier run left open among it.
    """

    def __init__(self, books: Books, reader: StoreReader, journal: Journal, bus: Bus, clock: Clock) -> None:
        self._books = books
        self._reader = reader
        self._bus = bus
        self._clock = clock
        self._journal = journal
        self._open: dict[str, Finding | None] = {}

    async def run(self) -> None:
        """Watches for ever."""
        left = await asyncio.to_thread(self._journal.alarms, active_only=True)
        self.take_over([alarm.key for alarm in left])
        while True:
            await self.look()
            await self._clock.sleep_until(self._clock.now() + PAUSE * max(1.0, self._clock.pace / 60.0))

    def take_over(self, keys: Iterable[str]) -> None:
        """Minds alarms that were left open: of those given, the ones about the books."""
        self._open = dict.fromkeys(key for key in keys if key.startswith(PREFIX))

    async def look(self) -> None:
        """Looks once. What cannot be looked at now stays as it was."""
        try:
            await self._reader.call(self._books.forget)
            found = await self._reader.call(findings, self._books)
        except (StoreUnavailable, StoreDamaged) as error:
            _log.warning("the account book cannot be looked through now: %s", error)
            return
        self._tell({finding.key: finding for finding in found})

    def _tell(self, found: Mapping[str, Finding]) -> None:
        for key, finding in found.items():
            if self._open.get(key) != finding:
                self._say(finding, active=True)
        for key in [key for key in self._open if key not in found]:
            self._end(key)
        self._open = dict(found)

    def _say(self, finding: Finding, *, active: bool) -> None:
        self._bus.publish(
            AlarmChanged(
                key=finding.key,
                active=active,
                level=finding.level,
                at=self._clock.now(),
                text=finding.text,
                equipment=finding.equipment,
            )
        )

    def _end(self, key: str) -> None:
        finding = self._open[key]
        text = Text("已处理", "settled") if finding is None else finding.text
        equipment = key.rpartition(".")[2] if finding is None else finding.equipment
        self._say(Finding(key=key, level=AlarmLevel.WARNING, text=text, equipment=equipment), active=False)
