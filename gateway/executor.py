"""Carries out an order: reads the unit, checks, writes in the right order, reads back, and says how it ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from facility.clock import Clock
from facility.commands import Command, Confirmed, Expired, NotEffective, Outcome, Refused, Unreachable, Wish
from facility.errors import HandsOff, HouqinError, LinkDown, NotRepresentable, TryAgain
from facility.text import Text
from gateway.guard import Guard
from gateway.unit import POINT_OF_PART, SETTINGS, Part, Unit, is_wished

log = logging.getLogger(__name__)

READ_BACK_AFTER_S: Final = (0.1, 1.0, 4.0)
"""Wall seconds between a write and its reading back, one for each try: a gateway of an AC system may take a while to
pass an order on. When the clock runs fast the building does too, and the waits shrink with it.
"""

_NAMES: Final[dict[Part, Text]] = {
    "on": Text("开关", "on and off"),
    "mode": Text("运行模式", "the mode"),
    "setpoint_c": Text("设定温度", "the setpoint"),
    "fan": Text("风速", "the fan speed"),
}


class Executor:
    """Turns a Command into its Outcome.

    Args:
        units: what can be switched, by equipment id.
        guard: checks every write.
        clock: deadlines are on it.
        read_back_after_s: see `READ_BACK_AFTER_S`.
    """

    def __init__(
        self,
        units: Mapping[str, Unit],
        guard: Guard,
        clock: Clock,
        *,
        read_back_after_s: tuple[float, ...] = READ_BACK_AFTER_S,
    ) -> None:
        self._units = units
        self._guard = guard
        self._clock = clock
        self._waits_s = read_back_after_s

    async def execute(self, command: Command) -> Outcome:
        """Carries out `command` and returns how it ended; orders to one unit wait for each other."""
        unit = self._units.get(command.equipment)
        refusal = _impossible(unit, command.wish)
        if unit is None or refusal is not None:
            return self._refused(command, refusal or Text("", ""))
        async with unit.lock:
            return await _Order(command, unit, self._guard, self._clock, self._waits_s).carry_out()

    def _refused(self, command: Command, why: Text) -> Refused:
        return Refused(command_id=command.id, equipment=command.equipment, at=self._clock.now(), why=why)


def _impossible(unit: Unit | None, wish: Wish) -> Text | None:
    """Why no device could carry this out, None when one can."""
    if unit is None:
        return Text("该设备不能远程控制", "this equipment has no unit that can be switched")
    wished = is_wished(wish)
    if not wished:
        return Text("指令没有内容", "the order wants nothing")
    lacking = unit.lacking(wish)
    if lacking == ["fan"] and len(wished) > 1 and not unit.has("fan"):
        return None
    if lacking:
        zh, en = "、".join(_NAMES[part].zh for part in lacking), ", ".join(_NAMES[part].en for part in lacking)
        return Text(f"该设备不能远程设定：{zh}", f"the device does not take {en}")
    for part in (part for part in wished if unit.takes(part)):
        try:
            unit.check(part, getattr(wish, part))
        except NotRepresentable as error:
            return error.text
    return None


class _Order:
    """One order on its way through the tries."""

    def __init__(
        self, command: Command, unit: Unit, guard: Guard, clock: Clock, waits_s: tuple[float, ...]
    ) -> None:  # fmt: skip
        self._command = command
        self._unit = unit
        self._guard = guard
        self._clock = clock
        self._waits_s = waits_s
        self._read: Wish | None = None
        self._sent = False
        self._error: HouqinError | None = None

    async def carry_out(self) -> Outcome:
        for wait_s in self._waits_s:
            if self._clock.now() >= self._command.deadline:
                break
            try:
                outcome = await self._try(wait_s)
            except TryAgain as error:
                self._error = error
                if isinstance(error, LinkDown):
                    await self._pause(wait_s)
                continue
            except HandsOff as error:
                return self._refused(error.text)
            except HouqinError as error:
                self._error = error
                break
            if outcome is not None:
                return outcome
        return await self._waited_for() or self._given_up()

    async def _try(self, wait_s: float) -> Outcome | None:
        """One round of reading, writing and reading back; None when it was not effective yet."""
        command, unit = self._command, self._unit
        current = await self._current()
        now = self._clock.now()
        if now >= command.deadline:
            return None
        verdict = self._guard.verdict(unit, command.wish, current, now)
        if not verdict.allowed:
            return self._refused(verdict.why, verdict.clause)
        parts = _sequence(unit, command.wish, current)
        too_soon = self._guard.rates.refusal(command, parts)
        if too_soon is not None:
            return self._refused(too_soon.why, again_at=too_soon.again_at)
        for together in unit.requests(parts):
            barred = self._guard.refusal(command)
            if barred is not None:
                return self._refused(barred)
            self._guard.rates.changed(command, together)
            await unit.write(together, command.wish)
            self._sent = True
        self._read = None
        await self._pause(wait_s)
        self._read = await unit.read()
        self._error = None
        if not unit.agrees(self._read, command.wish):
            return None
        return Confirmed(command_id=command.id, equipment=unit.id, at=self._clock.now(), read=self._read)

    async def _waited_for(self) -> Outcome | None:
        """Confirmed when a unit that is known to be slow reads as wanted after all; it is not written to again."""
        command, unit = self._command, self._unit
        rest_s = unit.settles_s(command.wish) - sum(self._waits_s)
        if self._read is None or self._error is not None or rest_s <= 0:
            return None
        await self._pause(rest_s)
        try:
            self._read = await unit.read()
        except HouqinError as error:
            self._error = error
            return None
        if not unit.agrees(self._read, command.wish):
            return None
        return Confirmed(command_id=command.id, equipment=unit.id, at=self._clock.now(), read=self._read)

    def _refused(self, why: Text, clause: str | None = None, again_at: datetime | None = None) -> Refused:
        ids = {"command_id": self._command.id, "equipment": self._unit.id}
        return Refused(**ids, at=self._clock.now(), why=why, clause=clause, again_at=again_at)

    async def _current(self) -> Wish:
        """What the unit reads before it is written to. An order to switch off is not held up by a unit that cannot be
        read.
        """
        if self._read is not None:
            return self._read
        try:
            return await self._unit.read()
        except HouqinError:
            if self._command.wish.on is False:
                return Wish()
            raise

    async def _pause(self, wait_s: float) -> None:
        if self._clock.pace and wait_s:
            await asyncio.sleep(wait_s / max(1.0, self._clock.pace))

    def _given_up(self) -> Outcome:
        command, unit, now = self._command, self._unit, self._clock.now()
        if self._error is not None:
            return Unreachable(command_id=command.id, equipment=unit.id, at=now, error=str(self._error))
        if self._read is not None:
            return NotEffective(
                command_id=command.id, equipment=unit.id, at=now, wanted=command.wish, read=self._read
            )  # fmt: skip
        return Expired(command_id=command.id, equipment=unit.id, at=now)


def _sequence(unit: Unit, wish: Wish, current: Wish) -> list[Part]:
    """The parts to write, in order: settings before a start, OFF before settings. What already reads as wanted is not
    written again, but OFF always is.
    """
    differing = unit.differing(current, wish)
    settings = [part for part in SETTINGS if part in differing]
    if wish.on is False:
        return ["on", *settings]
    return [*settings, "on"] if "on" in differing else settings


assert set(_NAMES) == set(POINT_OF_PART)
