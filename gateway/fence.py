"""What the gateway knows of the controllers' lease: whose orders count, and until when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from facility.boottime import boottime_s
from facility.bus import Bus, LeaseChanged
from facility.commands import Command
from facility.text import Text

OUTDATED: Final = Text("指令来自已被接替的控制器", "the order is of a controller that was relieved")
RUN_OUT: Final = Text(
    "控制权租约已到期未续，只执行关机", "the controller's lease ran out unrenewed: only switching off passes"
)


class Fence:
    """Keeps the newest lease that was told. As long as none ever was, there are no leases here and every order counts.

    Args:
        bus: tells of leases.
        now_s: the machine's boot clock, on which a lease ends whatever happens to the wall clock.
    """

    def __init__(self, bus: Bus, now_s: Callable[[], float] = boottime_s) -> None:
        self._now_s = now_s
        self._lease: LeaseChanged | None = None
        self._newest = 0
        self._leave = bus.listen(LeaseChanged, self._take)

    def _take(self, message: LeaseChanged) -> None:
        self._lease = message
        self._newest = max(self._newest, message.epoch)

    def refusal(self, command: Command) -> Text | None:
        """Why an order must not be written now, None when it may. Switching off passes, unless its controller was
        relieved; what needs no lease (the watchdog's own orders) always passes.
        """
        if command.fence is None:
            return None
        self._newest = max(self._newest, command.fence)
        if command.fence < self._newest:
            return OUTDATED
        lease = self._lease
        if lease is None or command.wish.on is False:
            return None
        return None if lease.acting and not self._is_over(lease) else RUN_OUT

    @property
    def leaves_it_to_another(self) -> bool:
        """Whether another process is known to act, so that this one's gateway needs to do nothing by itself."""
        lease = self._lease
        return lease is not None and not lease.acting and lease.holder != "" and not self._is_over(lease)

    def _is_over(self, lease: LeaseChanged) -> bool:
        return lease.until_boot_s is not None and self._now_s() >= lease.until_boot_s

    def close(self) -> None:
        """Stops listening."""
        self._leave()
