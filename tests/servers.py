"""Real servers for tests: started on free loopback ports, stopped by their own process id."""

from __future__ import annotations

import contextlib
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest


def free_port() -> int:
    """A loopback TCP port that nobody listens on now, below those that outgoing connections are given: one of these
    could take it before the server does.
    """
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def require(program: str) -> str:
    """Path of a program; skips the test with the reason where the machine does not have it."""
    path = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if path is None:
        pytest.skip(f"{program} is not installed; `make packages` installs it from Debian")
    return path


def accepts(port: int) -> bool:
    """Whether something accepts connections on a loopback port."""
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=0.2):
        return True
    return False


def wait_for(condition: Callable[[], bool], what: str, timeout_s: float = 20.0) -> None:
    """Polls until `condition` holds.

    Raises:
        TimeoutError: it did not within `timeout_s`.
    """
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen within {timeout_s:g} s")
        time.sleep(0.02)


class Server:
    """A child process that listens on `port`."""

    def __init__(self, command: Sequence[str], port: int, log: Path) -> None:
        self.command = list(command)
        self.port = port
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it accepts connections."""
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(self.command, stdout=output, stderr=subprocess.STDOUT)
        try:
            wait_for(lambda: accepts(self.port) or self._ended(), f"start of {self.command[0]}")
        except TimeoutError:
            self.kill()
            raise
        assert not self._ended(), self.log.read_text(errors="replace")[-2000:]

    def _ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def stop(self) -> None:
        """Ends it as an operator would (SIGTERM), then for good."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self) -> None:
        """kill -9."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None


@contextlib.contextmanager
def mosquitto(folder: Path) -> Iterator[Server]:
    """A Mosquitto that keeps sessions and queued messages across a restart, even after kill -9."""
    program = require("mosquitto")
    port = free_port()
    configuration = folder / "mosquitto.conf"
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
        "autosave_interval 1\nautosave_on_changes true\nmax_queued_messages 10000\nuser root\n"
    )
    server = Server([program, "-c", str(configuration)], port, folder / "mosquitto.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()
