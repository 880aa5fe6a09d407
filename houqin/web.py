"""The web server inside our own event loop: it never takes over signals, and ends when it is told to."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import uvicorn
from fastapi import FastAPI

from facility.errors import LinkDown


class QuietServer(uvicorn.Server):
    """uvicorn without its own signal handlers: the front door owns Ctrl-C."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def web_server(app: FastAPI) -> QuietServer:
    """A server for `app`; run it with `serve_on`."""
    config = uvicorn.Config(
        app, lifespan="on", log_level="warning", access_log=False, timeout_graceful_shutdown=3, server_header=False
    )
    return QuietServer(config)


async def serve_on(server: QuietServer, listener: socket.socket) -> None:
    """Serves until `server.should_exit`."""
    await server.serve(sockets=[listener])


def listen_on(host: str, port: int) -> socket.socket:
    """A listening socket, opened before anything else is started so that a taken port is said at once.

    Raises:
        LinkDown: the port is taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()  # who comes before the pages stand waits for them
    except OSError as error:
        listener.close()
        raise LinkDown(
            f"cannot serve on {host}:{port}: {error.strerror}; choose another with --port"
            f" / 无法在 {host}:{port} 提供网页服务,请用 --port 换一个端口"
        ) from error
    return listener
