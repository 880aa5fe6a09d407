"""Serial ports as wires. pyserial opens and sets them, its RS-485 settings included; the event loop reads and writes.

A port is opened by its path anew each time, so that a name such as `/dev/serial/by-id/...` leads to the adapter
wherever it was plugged in, and is locked (flock) as long as it is open, so that two programs never talk on one line.
"""

from __future__ import annotations

import asyncio
import errno
import os
import termios
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

import serial
from serial.rs485 import RS485Settings

from facility.errors import LinkDown, Where
from facility.text import Text
from gateway.modbus.wire import BUFFER_BYTES, OPEN_TIMEOUT_S, Receiver, Wire

PSEUDO_TERMINALS: Final = "/dev/pts/"
_REASONS: Final = {
    errno.ENOENT: Text(
        "串口不存在，请检查转换器是否插好、站点文件中的 path 是否正确",
        "there is no such port; plug the adapter in, or correct `path` in the site file",
    ),
    errno.EACCES: Text(
        "没有串口权限，请把运行账户加入 dialout 组",
        "this account may not open it; add the account to group dialout",
    ),
    errno.EWOULDBLOCK: Text(
        "串口正被另一个程序占用，请先停止该程序",
        "another program holds the port; end that program first",
    ),
    errno.EBUSY: Text(
        "串口正被另一个程序占用，请先停止该程序",
        "another program holds the port; end that program first",
    ),
}  # fmt: skip
_NO_RS485: Final = Text(
    "该串口的驱动不能用 RTS 切换收发方向，请用自动换向的转换器并删除 rs485: true",
    "the port's driver cannot switch the direction by RTS; use an adapter that does so itself and take out rs485: true",
)
_NOT_A_PORT: Final = Text("该路径不是串口，或不支持这些参数", "it is no serial port, or does not take these settings")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSettings:
    """How characters go over the line. `rs485`: the driver switches the direction of the line with RTS."""

    path: str
    baudrate: int
    parity: Literal["N", "E", "O"]
    stop_bits: Literal[1, 2]
    data_bits: Literal[7, 8]
    rs485: bool


class SerialWire(Wire):
    """One open port. Belongs to the event loop that runs.

    Args:
        receiver: is told.
        port: open, without time limits.
    """

    def __init__(self, receiver: Receiver, port: serial.Serial) -> None:
        super().__init__(receiver)
        self._loop = asyncio.get_running_loop()
        self._port: serial.Serial | None = port
        self._descriptor: int = port.fileno()
        self._unsent = b""
        self._loop.add_reader(self._descriptor, self._readable)

    def send(self, frame: bytes) -> None:
        if self._unsent:
            self._unsent += frame
            return
        self._unsent = frame
        self._writable()
        if self._unsent:
            self._loop.add_writer(self._descriptor, self._writable)

    def abort(self) -> None:
        self._close(None)

    @property
    def usable(self) -> bool:
        return self._port is not None

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, BUFFER_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._close(error)
            return
        if not data:
            self._close(None)
            return
        self.arrived(data)

    def _writable(self) -> None:
        if self._port is None:
            return
        try:
            self._unsent = self._unsent[os.write(self._descriptor, self._unsent) :]
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._loop.call_soon(self._close, error)
            return
        if not self._unsent:
            self._loop.remove_writer(self._descriptor)

    def _close(self, error: Exception | None) -> None:
        """Lets go at once: what still waits to be sent would otherwise hold the closing up."""
        port, self._port = self._port, None
        if port is None:
            return
        self._loop.remove_reader(self._descriptor)
        self._loop.remove_writer(self._descriptor)
        with suppress(termios.error, OSError):
            termios.tcflush(self._descriptor, termios.TCIOFLUSH)
        port.close()
        self.gone.set()
        self._receiver.lost(self, error)


class SerialCarrier:
    """Opens a serial port of this machine.

    Args:
        link: the line's id in the site file.
        settings: the port, and how characters go over the line.
    """

    def __init__(self, link: str, settings: PortSettings) -> None:
        self.address = settings.path
        self._where = Where(link=link, address=settings.path)
        self._settings = settings

    async def open(self, receiver: Receiver) -> SerialWire:
        """See `Carrier.open`. In a thread, because a driver may take its time."""
        opening = asyncio.get_running_loop().run_in_executor(None, _opened, self._settings)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                port = await asyncio.shield(opening)
        except (TimeoutError, asyncio.CancelledError) as error:
            opening.add_done_callback(_close_late)
            if isinstance(error, asyncio.CancelledError):
                raise
            raise LinkDown(f"the port did not open within {OPEN_TIMEOUT_S:g} s", where=self._where) from error
        except (serial.SerialException, termios.error, OSError, ValueError) as error:
            raise self._not_opened(error) from error
        return SerialWire(receiver, port)

    def _not_opened(self, error: Exception) -> LinkDown:
        number = getattr(error, "errno", None)
        why = _REASONS.get(number) if isinstance(number, int) else None
        if why is None:
            why = _NO_RS485 if self._settings.rs485 and "RS485" in str(error) else _NOT_A_PORT
        text = Text(f"无法打开串口 {self.address}：{why.zh}", f"cannot open the serial port {self.address}: {why.en}")
        return LinkDown(f"cannot open the serial port: {why.en}", where=self._where, text=text)


def _opened(settings: PortSettings) -> serial.Serial:
    """The port, open and locked. A pseudo-terminal, as simulators make them, has neither parity nor direction."""
    on_wire = not os.path.realpath(settings.path).startswith(PSEUDO_TERMINALS)
    port = serial.Serial(
        port=settings.path,
        baudrate=settings.baudrate,
        bytesize=settings.data_bits if on_wire else 8,
        parity=settings.parity if on_wire else "N",
        stopbits=settings.stop_bits,
        timeout=0,
        write_timeout=0,
        exclusive=True,
    )
    if settings.rs485 and on_wire:
        try:
            port.rs485_mode = RS485Settings()
        except ValueError:
            port.close()
            raise
    return port


def _close_late(opening: asyncio.Future[serial.Serial] | Future[serial.Serial]) -> None:
    """A port that came after nobody waited for it any more."""
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
