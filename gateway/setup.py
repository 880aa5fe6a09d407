"""What must stand in a device before it works as it should: looked at when it is met and when it returns."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from facility.bus import AlarmChanged
from facility.bus.messages import AlarmLevel
from facility.errors import DeviceRefused, HouqinError, LinkDown
from facility.model.entries import Device
from facility.profiles.schema import SetupWrite, Table
from facility.text import Text
from gateway.carrier import Carrier

log = logging.getLogger(__name__)


class DeviceSetup:
    """The setup of one device. What cannot be set is told in an alarm, and the device is read all the same.

    Args:
        device: the device.
        writes: what its profile wants set.
        carrier: its line.
        timeout_s: wall time the device may take.
        pause_s: quiet time it needs between requests.
    """

    def __init__(
        self, device: Device, writes: Sequence[SetupWrite], carrier: Carrier, *, timeout_s: float, pause_s: float
    ) -> None:
        self._device = device
        self._writes = tuple(writes)
        self._carrier = carrier
        self._timeout_s, self._pause_s = timeout_s, pause_s
        self._failing: bool | None = None

    async def apply(self) -> None:
        """Looks at everything once and sets what reads otherwise.

        Raises:
            LinkDown: the line itself broke.
        """
        failures = []
        for write in self._writes:
            try:
                await self._set(write)
            except LinkDown:
                raise
            except HouqinError as error:
                log.warning("device %s, setup of register %d: %s", self._device.id, write.address, error)
                failures.append((write, error))
        self._tell(failures)

    async def _set(self, write: SetupWrite) -> None:
        unit = self._device.unit or 0
        if await self._stands(unit, write):
            return
        await self._carrier.write(
            unit, write.function, write.address, write.values, self._timeout_s, pause_s=self._pause_s
        )
        log.info("device %s: %s is set (register %d)", self._device.id, write.name.text.en, write.address)

    async def _stands(self, unit: int, write: SetupWrite) -> bool:
        """Whether it reads as it should. A register that can only be written is written every time."""
        count = len(write.values)
        try:
            raw = await self._carrier.read(
                unit, write.table, write.address, count, self._timeout_s, pause_s=self._pause_s, urgent=True
            )
        except DeviceRefused:
            return False
        if write.table is Table.COIL:
            return all((raw[place >> 3] >> (place & 7) & 1) == value for place, value in enumerate(write.values))
        return raw == b"".join(value.to_bytes(2, "big") for value in write.values)

    def _tell(self, failures: Sequence[tuple[SetupWrite, HouqinError]]) -> None:
        failing = bool(failures)
        if failing is self._failing:
            return
        self._failing = failing
        self._carrier.bus.publish(
            AlarmChanged(
                key=f"setup_failed:{self._device.id}",
                active=failing,
                level=AlarmLevel.WARNING,
                at=self._carrier.clock.now(),
                text=self._text(failures),
            )
        )

    def _text(self, failures: Sequence[tuple[SetupWrite, HouqinError]]) -> Text:
        device = self._device.id
        if not failures:
            return Text(f"设备 {device} 的初始设置正常", f"device {device} is set up as it should be")
        zh = "、".join(f"{write.name.text.zh}（寄存器 {write.address}）" for write, _ in failures)
        en = ", ".join(f"{write.name.text.en} (register {write.address})" for write, _ in failures)
        why = failures[0][1].message
        return Text(
            f"设备 {device} 的初始设置未能写入：{zh}；读数照常进行，请对照说明书核对写权限；技术信息：{why}",
            f"device {device} could not be set up: {en}; it is read all the same, compare its write permissions with"
            f" the manual: {why}",
        )
