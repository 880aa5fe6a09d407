"""Real servers on loopback that answer as those of the notification services do: HTTP robots, and SMTP."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import orjson


@dataclass(slots=True, kw_only=True)
class Answer:
    """What an HTTP server answers next; `status` 0: nothing at all."""

    status: int = 200
    body: bytes = b'{"errcode":0,"errmsg":"ok"}'
    headers: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Asked:
    """A request that came in."""

    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    @property
    def document(self) -> dict[str, object]:
        found: dict[str, object] = orjson.loads(self.body)
        return found


@dataclass(slots=True, kw_only=True)
class Robot:
    """An HTTP server with a script: answers in their order, then the last for ever."""

    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    came: asyncio.Event = field(default_factory=asyncio.Event)
    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cgi-bin/webhook/send?key=topsecretkey"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            self.asked.append(await _request(reader))
            answer = self.answers[min(len(self.asked), len(self.answers)) - 1]
            self.came.set()
            if answer.status == 0:
                await reader.read()  # until the caller has had enough
                return
            head = [f"HTTP/1.1 {answer.status} X", f"Content-Length: {len(answer.body)}", "Connection: close",
                    *answer.headers]  # fmt: skip
            writer.write("\r\n".join(head).encode("latin-1") + b"\r\n\r\n" + answer.body)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(first.split(" ")[1])
    return Asked(path=parts.path, query=parse_qs(parts.query), headers=headers, body=body)


@contextlib.asynccontextmanager
async def robot(*answers: Answer) -> AsyncIterator[Robot]:
    """A robot on a free port."""
    made = Robot(answers=list(answers) or [Answer()])
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        server.close()
        await asyncio.gather(*(task for task in made.serving if task is not None))


@dataclass(slots=True, kw_only=True)
class PostOffice:
    """An SMTP server (RFC 5321) that keeps what it is given. `codes` replaces answers by command."""

    codes: dict[str, str] = field(default_factory=dict)
    context: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    mails: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    port: int = 0
    serving: set[asyncio.Task[None] | None] = field(default_factory=set)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.serving.add(asyncio.current_task())
        try:
            await self._talk(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            return
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await writer.wait_closed()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(text: str) -> None:
            writer.write(text.encode() + b"\r\n")
            await writer.drain()

        tls = False
        await say(self.codes.get("CONNECT", "220 post office"))
        while line := await reader.readline():
            words = line.decode().strip()
            verb = words.split(" ")[0].upper()
            if verb in self.codes:
                await say(self.codes[verb])
            elif verb == "EHLO":
                offers = ["250-here"]
                offers += ["250-STARTTLS"] if self.context is not None and not tls else []
                offers += ["250-AUTH PLAIN"] if self.login is not None else []
                await say("\r\n".join([*offers, "250 SIZE 100000"]))
            elif verb == "STARTTLS" and self.context is not None:
                await say("220 go on")
                await writer.start_tls(self.context)
                tls = True
            elif verb == "AUTH":
                await say("235 welcome" if self._knows(words) else "535 who are you")
            elif verb == "RCPT":
                self.recipients.append(words.partition(":")[2].strip("<> "))
                await say("250 ok")
            elif verb == "DATA":
                await say("354 go on")
                mail = await reader.readuntil(b"\r\n.\r\n")
                self.mails.append(mail)
                self.encrypted.append(tls)
                await say(self.codes.get("END", "250 taken"))
            elif verb == "QUIT":
                await say("221 bye")
                return
            else:
                await say("250 ok")

    def _knows(self, words: str) -> bool:
        import base64

        assert self.login is not None
        given = base64.b64decode(words.split(" ")[2]).decode()
        return given == f"\0{self.login[0]}\0{self.login[1]}"


@contextlib.asynccontextmanager
async def post_office(made: PostOffice) -> AsyncIterator[PostOffice]:
    """A post office on a free port."""
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    async with server:
        yield made
        server.close()
        await asyncio.gather(*(task for task in made.serving if task is not None))
