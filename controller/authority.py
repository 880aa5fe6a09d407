"""Whether this controller may command: it holds the lease, and it is not only tried out."""

from __future__ import annotations

from typing import Final

from controller.lease import NO_LEASE, Lease
from controller.policy.findings import Finding
from facility.decisions import Effect
from facility.text import Text

SHADOW: Final = Finding("shadow", Effect.HOLD)
STANDBY: Final = Finding("standby", Effect.HOLD)
UNLED: Final = Finding("unled", Effect.HOLD)

_REFUSALS: Final = {
    SHADOW: Text(
        "系统处于试运行方式，只作判断、不操作设备", "this is a trial run: Houqin decides and operates nothing"
    ),
    STANDBY: Text("本机为备用控制器，请在主控制器上操作", "this controller stands by: use the one that acts"),
    UNLED: Text(
        "记录库无法连接，控制权未确认，暂不操作设备",
        "the records cannot be reached, so it is not certain which controller acts: nothing is operated",
    ),
}  # fmt: skip


class Authority:
    """What the controller asks before it commands, tells or keeps anything.

    Args:
        lease: which of several controllers acts.
        shadow: tried out: decides and tells, and commands nothing.
    """

    def __init__(self, lease: Lease = NO_LEASE, *, shadow: bool = False) -> None:
        self._lease = lease
        self.shadow = shadow

    def holds(self) -> Finding | None:
        """What holds every command back now, None when commands may go out."""
        if not self._lease.acting:
            return STANDBY if self._lease.known else UNLED
        return SHADOW if self.shadow else None

    def refusal(self) -> Text | None:
        """What a person who orders something is told, None when orders are taken."""
        held = self.holds()
        return None if held is None else _REFUSALS[held]

    @property
    def fence(self) -> int | None:
        """The epoch that goes with a command."""
        return self._lease.epoch

    @property
    def acting(self) -> bool:
        """Whether this is the controller whose decisions and state are kept: the one that holds the lease."""
        return self._lease.acting

    @property
    def vouches(self) -> bool:
        """Whether envelopes may be renewed: it is known who acts, and somebody does. Otherwise they run out, and the
        gateway goes by the last.
        """
        return self._lease.acting or self._lease.known


ALWAYS: Final = Authority()
