"""A serial port that is not there: a pseudo-terminal, with a symbolic link to it where the site file has the port."""

from __future__ import annotations

import asyncio
import os
import tty
from contextlib import suppress
from pathlib import Path
from typing import Final

from facility.errors import LinkDown, Where

TERMINALS: Final = Path("/dev/pts")
DEVICES: Final = Path("/dev")
READ_BYTES: Final = 4096


class SimulatedPort:
    """Makes a link at a path that leads to a fresh pseudo-terminal.

    The link is made where nothing stands, and where a link to a pseudo-terminal that is no more was left behind;
    whatever else stands there is not touched. Folders are made as needed, but none under `/dev`.

    Args:
        path: where masters look for the port.
        link: the line's id in the site, for errors.

    Raises:
        LinkDown: no link can be made there.
    """

    def __init__(self, path: str, link: str) -> None:
        self.path = Path(path)
        self._where = Where(link=link, address=path)
        self._check()
        self.master, self._slave = os.openpty()
        try:
            tty.setraw(self._slave)
            self._terminal = os.ttyname(self._slave)
            self._make_link()
        except BaseException:
            os.close(self.master)
            os.close(self._slave)
            raise
        os.set_blocking(self.master, False)

    def _check(self) -> None:
        if not self.path.is_symlink():
            if self.path.exists():
                raise self._refused("something else stands there", "该路径已被其他文件或设备占用")
            return
        target = Path(os.readlink(self.path))
        if target.parent != TERMINALS:
            raise self._refused("a link to something else stands there", "该路径是指向其他位置的链接")
        if target.exists():
            raise self._refused("another simulation may be using it", "可能有另一个仿真正在使用该路径")

    def _refused(self, english: str, chinese: str) -> LinkDown:
        return LinkDown(
            f"cannot stand in for the devices of a line: {english}; end the other program, remove what stands there, or"
            f" change `path` in the site file / 无法仿真该线路：{chinese}，"
            "请结束占用它的程序、移走该文件或修改站点文件中的 path",
            where=self._where,
        )

    def _make_link(self) -> None:
        try:
            if DEVICES not in self.path.absolute().parents:
                self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.is_symlink():
                self.path.unlink()
            self.path.symlink_to(self._terminal)
        except OSError as error:
            raise self._refused(
                f"no link can be made ({error.strerror})", f"无法创建链接（{error.strerror}）"
            ) from error

    def close(self) -> None:
        """Takes the link away, when it is still this one, and ends the terminal."""
        with suppress(OSError):
            if os.readlink(self.path) == self._terminal:
                self.path.unlink()
        os.close(self.master)
        os.close(self._slave)


class PortTransport(asyncio.Transport):
    """Carries bytes between a simulated port and a protocol.

    Args:
        port: is read and written.
        protocol: is told what comes in.
    """

    def __init__(self, port: SimulatedPort, protocol: asyncio.Protocol) -> None:
        super().__init__()
        self._loop = asyncio.get_running_loop()
        self._descriptor = port.master
        self._protocol = protocol
        self._closed = False
        self._loop.add_reader(self._descriptor, self._readable)

    def _readable(self) -> None:
        try:
            data = os.read(self._descriptor, READ_BYTES)
        except (BlockingIOError, InterruptedError):
            return
        self._protocol.data_received(data)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Sends to whoever has the port open; what nobody reads is lost when the terminal's own buffer is full."""
        if self._closed:
            return
        with suppress(BlockingIOError, InterruptedError):
            os.write(self._descriptor, bytes(data))

    def abort(self) -> None:
        """A serial line cannot be hung up: nothing."""

    def close(self) -> None:
        """Reads no more."""
        if not self._closed:
            self._closed = True
            self._loop.remove_reader(self._descriptor)

    def is_closing(self) -> bool:
        """Whether it was closed."""
        return self._closed
