"""Reads the JSON body of a request, and refuses with a clear answer whatever is not one."""

from __future__ import annotations

import json
from typing import Any, Final, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from starlette.requests import Request

from api.errors import STATUS_TEXTS, field_problems
from api.problems import RequestProblem
from facility.text import Text

MAX_BODY_BYTES: Final = 1 << 20

M = TypeVar("M", bound=BaseModel)


async def read_body(request: Request, model: type[M]) -> M:
    """The body of `request` as a strict `model`.

    Raises:
        RequestProblem: not JSON (415, 400), too large (413), a key twice (400), or not what the model wants (422).
    """
    content_type = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if content_type != "application/json":
        raise RequestProblem(
            415,
            "not_json",
            STATUS_TEXTS[415],
            hint=Text("请加上 Content-Type: application/json", "send Content-Type: application/json"),
        )
    return parse_body(await _bounded(request), model)


def parse_body(raw: bytes, model: type[M]) -> M:
    """`raw` as a strict `model`; see `read_body`."""
    _check_json(raw)
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if any(item["type"] == "json_invalid" for item in error.errors(include_url=False)):
            raise _not_json(Text("嵌套过深", "nested too deeply")) from None
        fields = field_problems(error.errors(include_url=False, include_input=False), "body")
        raise RequestProblem(422, "wrong_body", STATUS_TEXTS[422], fields=fields) from None


def too_large() -> RequestProblem:
    """The body is larger than anything this API is asked."""
    return RequestProblem(
        413,
        "too_large",
        STATUS_TEXTS[413],
        hint=Text(f"最多 {MAX_BODY_BYTES} 字节", f"at most {MAX_BODY_BYTES} bytes"),
    )


async def _bounded(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise too_large()
    return bytes(body)


def _check_json(raw: bytes) -> None:
    """orjson refuses NaN, Infinity and deep nesting; the standard parser then sees keys that come twice."""
    try:
        orjson.loads(raw)
        json.loads(raw, object_pairs_hook=_once)
    except orjson.JSONDecodeError as error:
        raise _not_json(
            Text(f"第 {error.lineno} 行第 {error.colno} 列", f"line {error.lineno} column {error.colno}")
        ) from None
    except RecursionError:
        raise _not_json(Text("嵌套过深", "nested too deeply")) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)[:80]
        raise RequestProblem(400, "key_twice", Text(f"字段“{twice}”出现了两次", f"the field {twice!r} is given twice"))
    return found


def _not_json(where: Text) -> RequestProblem:
    return RequestProblem(
        400,
        "not_json",
        Text(f"不是有效的 JSON({where.zh})", f"this is not valid JSON ({where.en})"),
        hint=Text("数字不能是 NaN 或 Infinity", "numbers cannot be NaN or Infinity"),
    )
