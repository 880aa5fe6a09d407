"""Serial lines, RTU or ASCII, on a port of this machine or behind a TCP port, one transaction at a time.

There is no transaction id: an answer that comes late looks like the answer to the next question. So after every
question without a good answer the line is kept quiet and drained; a question that the missing answer could satisfy
waits until that was lost for sure, and is asked twice then, of which only the second answer counts.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Final

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, NoAnswer, Where
from facility.profiles.schema import Table
from facility.wire_log import FrameRing
from gateway.modbus import notes
from gateway.modbus.frames import Request, read_request
from gateway.modbus.framing import Framing
from gateway.modbus.line_question import LineQuestion, modbus_question, raw_question
from gateway.modbus.owed import OwedAnswers
from gateway.modbus.transactions import Pending, Transactions
from gateway.modbus.transport import RawRequest
from gateway.modbus.wire import Carrier, Wire

CHARACTER_BITS: Final = 11
QUIET_CHARACTERS: Final = 3.5
SHORTEST_QUIET_S: Final = 0.00175
"""The silent interval above 19,200 baud, Modbus over Serial Line V1.02, section 2.5.1.1."""
LATE_AT_MOST: Final = 3
"""An answer that did not come within so many times what its question was allowed is taken for lost."""
REPEATS_FOR_S: Final = 60.0
"""A line that brought an answer twice is expected to do so again for so long."""
REPEATED_WITHIN_S: Final = 0.5
LIKE_GAP_S: Final = 0.02
"""Silence before a question that the last answer could satisfy: what is said twice at once was said again by then."""
LONGEST_BABBLE_S: Final = 1.0
WAKE_UP: Final = b"\xfe"
"""National meters send some of these before their frames (DL/T 645-2007, section 5.2.1)."""
_SLICE_S: Final = 0.02


class SerialLineTransport(Transactions[LineQuestion]):
    """One serial line.

    Args:
        link: the line's id in the site file.
        carrier: opens the port, or the connection to whoever has it.
        ring: takes every frame.
        framing: RTU or ASCII.
        baudrate: speed of the line; sets the silent interval and the time a frame needs.
    """

    def __init__(self, link: str, carrier: Carrier, ring: FrameRing, *, framing: Framing, baudrate: int) -> None:
        super().__init__(link, carrier, ring)
        self._framing = framing
        self._character_s = CHARACTER_BITS / baudrate
        self._gap_s = max(SHORTEST_QUIET_S, QUIET_CHARACTERS * self._character_s)
        self._quiet_until_s = 0.0
        self._owed = OwedAnswers()
        self._answered: LineQuestion | None = None
        self._answered_s = 0.0
        self._awaited: LineQuestion | None = None
        self._repeats_until_s = 0.0
        self._echoes: bool | None = None

    async def exchange(self, request: RawRequest, timeout_s: float) -> bytes:
        """See `Transport.exchange`."""
        if not self._turn.try_take():
            await self._turn.take()
        try:
            return await self._sure(raw_question(request), timeout_s)
        finally:
            self._turn.pass_on()

    async def _ask(self, request: Request, timeout_s: float) -> bytes:
        return await self._sure(modbus_question(request, self._framing, self.where), timeout_s)

    async def _sure(self, question: LineQuestion, timeout_s: float) -> bytes:
        """An answer that does not belong to an earlier question. Where one was owed that never came, the first answer,
        or exception, that it could have been is not believed: the question is asked again.
        """
        await self._make_ready(question)
        if question.fits_itself and self._echoes is None:
            await self._learn_whether_it_echoes(question, timeout_s)
        allowed_s = self._allowed_s(question, timeout_s)
        like, kin = self._owed.like(question), self._owed.kin(question)
        try:
            answer = await self._once(question, allowed_s)
        except (DeviceBusy, DeviceRefused):
            if not kin:
                raise
        else:
            if not like:
                return answer
        self._keep_quiet(allowed_s)
        await self._make_ready(None)
        answer = await self._once(question, allowed_s)
        self._owed.forget(question)
        return answer

    def _allowed_s(self, question: LineQuestion, timeout_s: float) -> float:
        """The device's time, and the time that both frames need on the line."""
        return timeout_s + (len(question.frame) + question.answer_bytes) * self._character_s

    async def _once(self, question: LineQuestion, allowed_s: float) -> bytes:
        """The question once, on a line that is ready."""
        self._owed.add(question, asyncio.get_running_loop().time() + LATE_AT_MOST * allowed_s)
        try:
            answer = await self._transact(question, allowed_s)
        except (DeviceBusy, DeviceRefused):
            self._keep_quiet(self._gap_s)
            raise
        except (HouqinError, asyncio.CancelledError):
            self._awaited = question
            self._keep_quiet(allowed_s)
            raise
        self._keep_quiet(self._gap_s)
        return answer

    async def _make_ready(self, question: LineQuestion | None) -> None:
        """Open, quiet and drained, and so long after what was owed that it cannot pass for an answer to `question`."""
        if self._wire is None or not self._wire.usable:
            await self._open()
        await self._quiet(question)

    async def _open(self) -> Wire:
        self._echoes = None
        return await super()._open()

    async def _learn_whether_it_echoes(self, question: LineQuestion, timeout_s: float) -> None:
        """On two wires the adapter may hear itself. Before a question whose echo would pass for its answer is sent, a
        harmless one shows whether the line does that, whatever becomes of it.
        """
        unit = 0 if question.unit is None else question.unit
        probe = modbus_question(read_request(unit, Table.HOLDING, 0, 1), self._framing, self.where)
        with suppress(NoAnswer, BadAnswer, DeviceBusy, DeviceRefused):
            await self._once(probe, self._allowed_s(probe, timeout_s))
        await self._make_ready(question)

    def _keep_quiet(self, duration_s: float) -> None:
        self._quiet_until_s = asyncio.get_running_loop().time() + duration_s

    async def _quiet(self, question: LineQuestion | None) -> None:
        """Waits out the silence the line needs, and throws away what came. It ends early when what was owed comes after
        all, and begins anew with every byte, but a line that never falls silent is not waited for.
        """
        loop = asyncio.get_running_loop()
        babble_s = max(loop.time(), self._quiet_until_s) + LONGEST_BABBLE_S
        while (now_s := loop.time()) < (until_s := self._ready_s(question, babble_s)):
            await asyncio.sleep(min(until_s - now_s, _SLICE_S))
        wire = self._wire
        if wire is not None and wire.end:
            self._throw_away(wire)
        self._awaited = None

    def _ready_s(self, question: LineQuestion | None, babble_s: float) -> float:
        quiet_s = min(self._quiet_until_s, babble_s)
        if question is None:
            return quiet_s
        if self._answered is not None and self._answered.is_like(question):
            quiet_s = max(quiet_s, self._answered_s + LIKE_GAP_S)
        return max(quiet_s, self._owed.until_s(question))

    def _throw_away(self, wire: Wire) -> None:
        data = wire.received_bytes()
        wire.consume(wire.end)
        note = notes.UNASKED if self._awaited is None else notes.BROKEN
        self._keep(data, note if self._strike(data) is None else notes.LATE)

    def _frame(self, question: LineQuestion) -> bytes:
        return question.frame

    def received(self, wire: Wire) -> None:
        """See `Receiver.received`."""
        pending = self._pending
        data = wire.received_bytes()
        if pending is None or pending.answer.done():
            self._take_idle(wire, data)
            return
        question = pending.question
        heard = self._behind_echo(data, question)
        frame = question.found(heard)
        if frame is None:
            return
        wire.consume(wire.end)
        place = len(data) - len(heard) + heard.find(frame)
        before, after = data[:place], data[place + len(frame) :]
        self._learn_echo(question, before)
        before = before.replace(question.frame, b"", 1)
        stray = before.strip(WAKE_UP) + after
        self._keep(data, notes.AROUND if stray else None)
        try:
            pending.answer.set_result(self._take(question, frame, before, after))
        except HouqinError as error:
            pending.answer.set_exception(error)

    def _behind_echo(self, data: bytes, question: LineQuestion) -> bytes:
        """What came after the line's echo of the question, where that would pass for its answer."""
        if not question.fits_itself or self._echoes is False:
            return data
        place = data.find(question.frame)
        return data if place < 0 else data[place + len(question.frame) :]

    def _learn_echo(self, question: LineQuestion, before: bytes) -> None:
        if question.fits_itself:
            return
        if question.frame in before:
            self._echoes = True
        elif not before:
            self._echoes = False

    def _take(self, question: LineQuestion, frame: bytes, before: bytes, after: bytes) -> bytes:
        """What an answer carries; what came around it is struck out of what was owed.

        Raises:
            DeviceBusy, DeviceRefused: the device answered with an exception. BadAnswer: a second, different answer came
            along.
        """
        self._strike(before)
        carried, refusal = b"", None
        try:
            carried = question.opened(frame)
        except (DeviceBusy, DeviceRefused) as error:
            refusal = error
        self._owed.arrived(question, refused=refusal is not None)
        self._answered = question
        self._answered_s = now_s = asyncio.get_running_loop().time()
        if now_s < self._repeats_until_s:
            self._owed.add(question, now_s + REPEATED_WITHIN_S)
        self._strike(after)
        another = question.found(after)
        if another is not None and another != frame:
            raise BadAnswer(f"{question.what}: two different answers came", where=self._at(question), raw=frame + after)
        if refusal is not None:
            raise refusal
        return carried

    def _take_idle(self, wire: Wire, data: bytes) -> None:
        """Bytes that nobody waits for: the silence begins anew. Part of an answer may become a whole one yet."""
        now_s = asyncio.get_running_loop().time()
        self._quiet_until_s = max(self._quiet_until_s, now_s + self._gap_s)
        struck = self._strike(data)
        if struck is None:
            return
        wire.consume(wire.end)
        self._keep(data, notes.REPEATED if struck is self._answered else notes.LATE)
        if struck is self._awaited:
            self._keep_quiet(self._gap_s)

    def _strike(self, data: bytes) -> LineQuestion | None:
        """The question that an answer in `data` comes late for, or once more; None when there is none in it."""
        if not data:
            return None
        struck, answered = self._owed.strike(data), self._answered
        now_s = asyncio.get_running_loop().time()
        if struck is None and answered is not None and answered.found(data) is not None:
            struck = answered
            self._repeats_until_s = now_s + REPEATS_FOR_S
        elif struck is answered and now_s < self._repeats_until_s:
            self._repeats_until_s = now_s + REPEATS_FOR_S
        self.dropped_answers += struck is not None
        return struck

    def _at(self, question: LineQuestion) -> Where:
        return replace(self.where, unit=question.unit)

    def _silence(self, pending: Pending[LineQuestion], wire: Wire | None) -> HouqinError:
        question = pending.question
        raw = pending.stray + (b"" if wire is None else wire.received_bytes())
        if not raw or question.frame in raw:
            self._learn_echo(question, raw)
        if not raw:
            return NoAnswer(f"{question.what}: no answer in time", where=self._at(question))
        misfit = question.misfit(raw)
        if misfit is not None:
            self.dropped_answers += 1
            return misfit if isinstance(misfit, BadAnswer) else BadAnswer(misfit.message, where=misfit.where, raw=raw)
        if raw == question.frame:
            return NoAnswer(f"{question.what}: nothing but the line's echo came", where=self._at(question), raw=raw)
        message = f"{question.what}: {len(raw)} bytes came that are no whole answer"
        return BadAnswer(message, where=self._at(question), raw=raw)
