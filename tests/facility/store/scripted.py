"""An HTTP server that answers as a test wants it to: errors, pauses, pages of other servers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request gets."""

    status: int = 204
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Scripted:
    """A running server; `asked` holds (path, headers, body) of every request, `answer` makes the answer to a path."""

    url: str = ""
    asked: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)
    answer: Callable[[str], Answer] = lambda _: Answer()


@contextlib.contextmanager
def scripted() -> Iterator[Scripted]:
    """Runs until the context ends, one thread a connection."""
    script = Scripted()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _reply(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            script.asked.append((self.path, dict(self.headers), body))
            answer = script.answer(self.path)
            data = answer.body.encode()
            self.close_connection = True
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Connection", "close")
            with contextlib.suppress(ConnectionError):  # a client that lost its patience has left
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = _reply  # noqa: N815

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    script.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), name="scripted")
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
