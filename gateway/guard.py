"""The gateway's own check of every order: once, of the controller that acts, inside the envelope, not too often."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from facility.bus import Bus, EnvelopeIssued
from facility.commands import Command, Wish
from facility.envelope import Envelope, Verdict, judge
from facility.text import Text
from gateway.fence import Fence
from gateway.rates import Rates
from gateway.unit import Unit

IDS_KEPT: Final = 10_000
TRIED_OUT: Final = Text("系统处于试运行方式，不操作设备", "this is a trial run: nothing is operated")


class Guard:
    """Keeps the newest envelope of every unit and the ids of the orders that were taken.

    Args:
        bus: brings the envelopes, and word of the controllers' lease.
        rates: how often a unit may be changed.
        shadow: the site is only tried out: no order passes, whoever gives it.

    Attributes:
        rates: as given.
        shadow: as given.
    """

    def __init__(self, bus: Bus, rates: Rates, *, shadow: bool = False) -> None:
        self.rates = rates
        self.shadow = shadow
        self._fence = Fence(bus)
        self._envelopes: dict[str, Envelope] = {}
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._leave: Callable[[], None] = bus.listen(EnvelopeIssued, self._keep)

    def _keep(self, message: EnvelopeIssued) -> None:
        self._envelopes[message.envelope.equipment] = message.envelope

    @property
    def envelopes(self) -> Mapping[str, Envelope]:
        """The newest envelope of every unit that has one."""
        return self._envelopes

    def takes(self, command_id: str) -> bool:
        """Whether an order with this id comes for the first time. The newest ten thousand are remembered."""
        if command_id in self._taken:
            return False
        self._taken[command_id] = None
        if len(self._taken) > IDS_KEPT:
            self._taken.popitem(last=False)
        return True

    @property
    def stands_by(self) -> bool:
        """Whether this gateway needs to do nothing by itself: it is tried out, or another process acts."""
        return self.shadow or self._fence.leaves_it_to_another

    def refusal(self, command: Command) -> Text | None:
        """Why `command` must not be written now, whatever the unit reads; None when it may. Asked before every single
        write: a process that was frozen in between has lost its lease meanwhile.
        """
        return TRIED_OUT if self.shadow else self._fence.refusal(command)

    def verdict(self, unit: Unit, wish: Wish, current: Wish, now: datetime) -> Verdict:
        """Whether writing `wish` is legal for a unit that reads `current` at `now`.

        Beside the envelope's own judgement: what cannot be judged because the unit does not tell its mode or setpoint
        is not allowed either. Switching off always passes.
        """
        envelope = self._envelopes.get(unit.id)
        verdict = judge(envelope, wish, current, now)
        if not verdict.allowed or wish.on is False or envelope is None:
            return verdict
        return _knowable(unit, envelope, wish, current) or verdict

    def close(self) -> None:
        """Stops listening."""
        self._leave()
        self._fence.close()


def _knowable(unit: Unit, envelope: Envelope, wish: Wish, current: Wish) -> Verdict | None:
    """The refusal of what would leave the unit in a state nobody can judge, None where there is no such doubt."""
    mode = wish.mode if wish.mode is not None else current.mode
    if mode is None:
        if not unit.has("mode"):
            return None
        return Verdict(
            allowed=False,
            why=Text(
                "读不到当前运行模式，无法核对规定", "the unit does not tell its mode, so the rules cannot be checked"
            ),
        )
    setpoint_c = wish.setpoint_c if wish.setpoint_c is not None else current.setpoint_c
    allowed = envelope.modes.get(mode)
    bounded = allowed is not None and (allowed.low_c is not None or allowed.high_c is not None)
    if setpoint_c is None and bounded and unit.has("setpoint_c") and (wish.on or wish.mode is not None):
        return Verdict(
            allowed=False,
            why=Text(
                "读不到当前设定温度，无法核对规定",
                "the unit does not tell its setpoint, so the rules cannot be checked",
            ),
        )
    return None
