"""A real VictoriaMetrics."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from tests.servers import Server, free_port, require


@contextlib.contextmanager
def victoriametrics(folder: Path, *options: str) -> Iterator[Server]:
    """A single server that keeps readings for a century, unless `options` say otherwise."""
    program, port = require("victoria-metrics"), free_port()
    arguments = {"retentionPeriod": "100y", "storageDataPath": str(folder / "data"), "loggerLevel": "WARN"}
    arguments |= dict(option.split("=", 1) for option in options)
    command = [program, f"-httpListenAddr=127.0.0.1:{port}", *(f"-{name}={value}" for name, value in arguments.items())]
    server = Server(command, port, folder / "victoria.log")
    server.start()
    try:
        yield server
    finally:
        server.stop()


def address(server: Server) -> str:
    """Its base address."""
    return f"http://127.0.0.1:{server.port}"
