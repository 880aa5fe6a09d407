"""A line that is being looked over: every answer is asked for once, every refusal remembered."""

from __future__ import annotations

import asyncio

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, NoAnswer
from facility.profiles.schema import Table
from gateway.modbus.transport import RawRequest, Transport

Asked = tuple[int, Table, int, int]


class ProbedLine:
    """Asks the devices of one line, and remembers what they said: many profiles want the same registers.

    Args:
        transport: the line.
        timeout_s: how long a device may think.

    Attributes:
        requests: so many went over the line.
    """

    def __init__(self, transport: Transport, *, timeout_s: float) -> None:
        self._transport = transport
        self._timeout_s = timeout_s
        self._said: dict[Asked, bytes | HouqinError] = {}
        self.requests = 0

    async def is_there(self, unit: int) -> bool:
        """Whether a Modbus unit says anything at all to the reading of its first holding register, also a refusal. What
        cannot be made out is asked for once more: a single disturbance makes no device disappear.

        Raises:
            LinkDown: the line itself does not work. BadAnswer: something answers that is no whole answer: another unit,
                two at once, or a line that runs at another speed.
        """
        try:
            return await self._says_anything(unit)
        except BadAnswer:
            if await self._says_anything(unit):
                return True
            raise

    async def _says_anything(self, unit: int) -> bool:
        self.requests += 1
        try:
            await self._transport.read(unit, Table.HOLDING, 0, 1, self._timeout_s)
        except NoAnswer:
            return False
        except (DeviceRefused, DeviceBusy):
            return True
        return True

    async def read(
        self, unit: int, table: Table, address: int, count: int, timeout_s: float, *, pause_s: float = 0.0,
        urgent: bool = False,
    ) -> bytes:  # fmt: skip
        """See `AskedLine.read`; what was answered, refused or left unanswered before is not asked again."""
        del urgent
        asked = unit, table, address, count
        said = self._said.get(asked)
        if said is None:
            said = self._said[asked] = await self._asked(asked, max(timeout_s, self._timeout_s))
            await asyncio.sleep(pause_s)
        if isinstance(said, HouqinError):
            raise said
        return said

    async def _asked(self, asked: Asked, timeout_s: float) -> bytes | HouqinError:
        """The answer, or why there is none; silence is tried twice."""
        for tries_left in (1, 0):
            self.requests += 1
            try:
                return await self._transport.read(*asked, timeout_s)
            except (NoAnswer, BadAnswer) as error:
                if not tries_left:
                    return error
            except (DeviceRefused, DeviceBusy) as error:
                return error
        raise AssertionError

    async def exchange(
        self, unit: str, request: RawRequest, timeout_s: float, *, pause_s: float = 0.0, urgent: bool = False
    ) -> bytes:  # fmt: skip
        """See `AskedLine.exchange`."""
        del unit, urgent
        self.requests += 1
        answer = await self._transport.exchange(request, max(timeout_s, self._timeout_s))
        await asyncio.sleep(pause_s)
        return answer
