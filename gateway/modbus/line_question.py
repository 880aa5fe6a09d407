"""Questions as they stand on a serial line, Modbus in either framing or another protocol beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from facility.errors import HouqinError, Where
from gateway.modbus.frames import Request, opened
from gateway.modbus.framing import Framing
from gateway.modbus.transport import RawRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuestion:
    """A question as it goes over a serial line.

    Attributes:
        what: the question in words, for error messages.
        unit: Modbus unit id, None for another protocol.
        frame: the bytes to send.
        answer_bytes: length of a good answer on the line.
        mark: protocol, and what a good answer shows of its question. Equal marks: an answer to one could satisfy the
            other. Where nothing is shown, any answer of that protocol could.
        kin: what an exception shows of its question; None where there are none.
        found: the answer in what came, as it is on the line; None while there is none.
        opened: what a found answer carries; raises what an exception means.
        misfit: the error for a sound message that is no answer; None when there is no such message.
        fits_itself: the question would pass for its own answer: on lines that echo, an echo is no answer.
    """

    what: str
    unit: int | None
    frame: bytes
    answer_bytes: int
    mark: tuple[str, bytes]
    kin: tuple[int, int] | None
    found: Callable[[bytes], bytes | None]
    opened: Callable[[bytes], bytes]
    misfit: Callable[[bytes], HouqinError | None]
    fits_itself: bool

    def is_like(self, other: LineQuestion) -> bool:
        """Whether the answer to one could satisfy the other."""
        (protocol, mark), (others, another) = self.mark, other.mark
        return protocol == others and (mark == another or not mark or not another)

    def is_kin(self, other: LineQuestion) -> bool:
        """Whether an exception to one would pass for one to the other."""
        return self.kin is not None and self.kin == other.kin


@lru_cache(maxsize=8192)
def modbus_question(request: Request, framing: Framing, where: Where) -> LineQuestion:
    """A Modbus request as it stands on the line. Asked again and again, so it is made once."""
    frame = framing.frame(request)
    found = partial(framing.found, request=request)
    return LineQuestion(
        what=request.what,
        unit=request.unit,
        frame=frame,
        answer_bytes=framing.answer_bytes(request),
        mark=("modbus", bytes((request.unit,)) + request.head),
        kin=(request.unit, request.function),
        found=found,
        opened=partial(_opened, request, framing, where),
        misfit=partial(_misfit, request, framing, where),
        fits_itself=found(frame) is not None,
    )


def _opened(request: Request, framing: Framing, where: Where, frame: bytes) -> bytes:
    content = framing.content(frame)
    return opened(request, content[0], content[1:], where)


def _misfit(request: Request, framing: Framing, where: Where, data: bytes) -> HouqinError | None:
    frame = framing.sound(data)
    if frame is None or frame == framing.frame(request):
        return None
    try:
        _opened(request, framing, where, frame)
    except HouqinError as error:
        return error
    return None


def raw_question(request: RawRequest) -> LineQuestion:
    """A question of another protocol, as it was handed over."""
    return LineQuestion(
        what=request.what,
        unit=None,
        frame=request.frame,
        answer_bytes=request.expected_bytes,
        mark=("raw", request.alike),
        kin=None,
        found=request.found,
        opened=lambda frame: frame,
        misfit=lambda _: None,
        fits_itself=request.found(request.frame) is not None,
    )
