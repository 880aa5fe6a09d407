"""The ways a request can be wrong, as errors that routes and pages turn into an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from facility.errors import PersonMustAct
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldProblem:
    """One field of a request that does not fit. `where` is its path, for example `body.setpoint_c`."""

    where: str
    what: Text


class RequestProblem(PersonMustAct):
    """A request that cannot be served as asked.

    `status` is the HTTP status, `code` a stable word for programs, `text` what is wrong and `hint` what to do, both for
    people; `fields` the single mistakes when there are several.
    """

    def __init__(
        self,
        status: int,
        code: str,
        text: Text,
        *,
        hint: Text | None = None,
        fields: Sequence[FieldProblem] = (),
    ) -> None:
        super().__init__(text.en)
        self.status = status
        self.code = code
        self.text = text
        self.hint = hint
        self.fields = tuple(fields)


def unknown(kind: Text, key: str) -> RequestProblem:
    """Nothing of that id exists (404)."""
    shown = key[:80]
    return RequestProblem(
        404,
        "unknown_id",
        Text(f"没有编号为“{shown}”的{kind.zh}", f"there is no {kind.en} with the id {shown!r}"),
        hint=Text(
            "可用编号见 GET /api/v1/site 与 GET /api/v1/points", "GET /api/v1/site and GET /api/v1/points list the ids"
        ),
    )


def too_much(text: Text, hint: Text) -> RequestProblem:
    """The answer would be too large (422); the hint says how to ask for less."""
    return RequestProblem(422, "range_too_large", text, hint=hint)


def wrong_range(text: Text) -> RequestProblem:
    """Start and end do not make an interval (422)."""
    return RequestProblem(422, "wrong_range", text)


EQUIPMENT = Text("设备", "equipment")
POINT = Text("测点", "point")
OFFICE = Text("科室", "office")
COMMAND = Text("指令", "command")
