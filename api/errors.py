"""Every refusal and failure as problem details (RFC 9457), in Chinese and English. Never a trace, never a bare 500."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response

from api.problems import FieldProblem, RequestProblem
from facility.errors import EntryRefused, NotPermitted, StoreDamaged, StoreUnavailable, TableError
from facility.text import Language, Text

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
MAX_FIELDS: Final = 20

STATUS_TEXTS: Final[Mapping[int, Text]] = {
    400: Text("请求无法识别", "the request cannot be understood"),
    401: Text("请先登录或提供访问令牌", "log in or send an access token"),
    403: Text("没有权限", "not permitted"),
    404: Text("没有这个地址", "there is nothing at this address"),
    405: Text("该地址不支持此方法", "this address does not take that method"),
    413: Text("请求内容过大", "the request is too large"),
    415: Text("请求内容必须是 JSON", "the body must be JSON"),
    422: Text("请求内容有误", "the request has mistakes"),
    500: Text("服务器内部错误,已记入日志", "an internal error; it was logged"),
    503: Text("暂时无法提供,请稍后再试", "not available now, try again later"),
}

_FIELD_TEXTS: Final[Mapping[str, Text]] = {
    "missing": Text("缺少该字段", "this field is missing"),
    "extra_forbidden": Text("没有这个字段", "there is no such field"),
    "bool_type": Text("必须是 true 或 false", "must be true or false"),
    "bool_parsing": Text("必须是 true 或 false", "must be true or false"),
    "float_type": Text("必须是数字", "must be a number"),
    "float_parsing": Text("必须是数字", "must be a number"),
    "int_type": Text("必须是整数", "must be a whole number"),
    "int_parsing": Text("必须是整数", "must be a whole number"),
    "int_from_float": Text("必须是整数", "must be a whole number"),
    "finite_number": Text("必须是有限的数字", "must be a finite number"),
    "string_type": Text("必须是文字", "must be text"),
    "datetime_type": Text(
        "必须是时间,例如 2026-07-15T17:00:00+08:00", "must be a time such as 2026-07-15T17:00:00+08:00"
    ),
    "datetime_parsing": Text(
        "必须是时间,例如 2026-07-15T17:00:00+08:00", "must be a time such as 2026-07-15T17:00:00+08:00"
    ),
    "datetime_from_date_parsing": Text(
        "必须是时间,例如 2026-07-15T17:00:00+08:00", "must be a time such as 2026-07-15T17:00:00+08:00"
    ),
    "timezone_aware": Text("时间必须带时区,例如 +08:00", "the time needs an offset such as +08:00"),
    "model_type": Text("必须是 JSON 对象", "must be a JSON object"),
    "model_attributes_type": Text("必须是 JSON 对象", "must be a JSON object"),
    "dict_type": Text("必须是 JSON 对象", "must be a JSON object"),
}


def language_of(connection: HTTPConnection) -> Language:
    """The reader's language: `?lang=`, else the first of Accept-Language that we speak, else Chinese."""
    asked = connection.query_params.get("lang")
    if asked in ("zh", "en"):
        return "zh" if asked == "zh" else "en"
    for part in connection.headers.get("accept-language", "").split(","):
        word = part.split(";")[0].strip().lower()
        if word.startswith("zh"):
            return "zh"
        if word.startswith("en"):
            return "en"
    return "zh"


def problem_response(
    connection: HTTPConnection,
    status: int,
    code: str,
    text: Text,
    *,
    hint: Text | None = None,
    fields: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Problem details: `title` and `detail` in the reader's language, `text` and `hint` in both."""
    language = language_of(connection)
    body: dict[str, Any] = {
        "type": f"urn:houqin:problem:{code}",
        "title": STATUS_TEXTS.get(status, text).in_language(language),
        "status": status,
        "detail": text.in_language(language),
        "instance": connection.url.path,
        "code": code,
        "text": text._asdict(),
    }
    if hint is not None:
        body["hint"] = hint._asdict()
    if fields:
        body["fields"] = [{"where": field.where, "what": field.what._asdict()} for field in fields]
    return Response(orjson.dumps(body), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def nothing_here(request: Request, methods: Sequence[str]) -> Response:
    """Nothing lies at this address (404), or it takes other `methods` only (405)."""
    if methods:
        return problem_response(request, 405, "http_405", STATUS_TEXTS[405], headers={"Allow": ", ".join(methods)})
    return problem_response(request, 404, "http_404", STATUS_TEXTS[404])


def field_problems(errors: Sequence[Mapping[str, Any]], root: str | None = None) -> list[FieldProblem]:
    """Pydantic's findings, each with its place, in words of ours; the values sent are not repeated."""
    problems = []
    for error in errors[:MAX_FIELDS]:
        place = [str(part) for part in error["loc"]]
        where = ".".join(place if root is None else [root, *place])
        problems.append(FieldProblem(where=where[:200], what=_field_text(error)))
    return problems


def _field_text(error: Mapping[str, Any]) -> Text:
    known = _FIELD_TEXTS.get(error["type"])
    if known is not None:
        return known
    context = error.get("ctx") or {}
    if error["type"] == "wrong_value":
        return Text(str(context["zh"]), str(context["en"]))
    if "expected" in context:
        among = str(context["expected"])
        return Text(f"必须是 {among.replace(' or ', ', ').replace(', ', '、')} 之一", f"must be one of {among}")
    for key, zh, en in (
        ("ge", "不小于", "at least"),
        ("le", "不大于", "at most"),
        ("gt", "大于", "above"),
        ("lt", "小于", "below"),
    ):
        if key in context:
            return Text(f"必须{zh} {context[key]}", f"must be {en} {context[key]}")
    for key, zh, en in (("max_length", "最多", "at most"), ("min_length", "至少", "at least")):
        if key in context:
            of_text = str(error["type"]).startswith("string")
            unit = Text("个字", "characters") if of_text else Text("项", "entries")
            return Text(f"{zh} {context[key]} {unit.zh}", f"{en} {context[key]} {unit.en}")
    message = str(error["msg"]).removeprefix("Value error, ")
    english, _, chinese = message.partition(" / ")
    return Text(chinese or english, english)


def install(app: FastAPI) -> None:
    """Makes every error of `app`'s routes a problem in words."""
    handlers: dict[type[Exception], Any] = {
        RequestProblem: _on_request_problem,
        RequestValidationError: _on_validation,
        HTTPException: _on_http,
        NotPermitted: _on_not_permitted,
        EntryRefused: _on_entry_refused,
        TableError: _on_table_error,
        StoreUnavailable: _on_store_unavailable,
        StoreDamaged: _on_store_damaged,
        Exception: _on_anything,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


async def _on_request_problem(request: Request, error: RequestProblem) -> Response:
    return problem_response(request, error.status, error.code, error.text, hint=error.hint, fields=error.fields)


async def _on_validation(request: Request, error: RequestValidationError) -> Response:
    return problem_response(
        request, 422, "wrong_request", STATUS_TEXTS[422], fields=field_problems(list(error.errors()))
    )


async def _on_http(request: Request, error: HTTPException) -> Response:
    text = STATUS_TEXTS.get(error.status_code, Text("请求未能完成", "the request was not served"))
    return problem_response(request, error.status_code, f"http_{error.status_code}", text, headers=error.headers)


async def _on_not_permitted(request: Request, error: NotPermitted) -> Response:
    return problem_response(request, 403, "not_permitted", Text(error.message, error.message))


async def _on_entry_refused(request: Request, error: EntryRefused) -> Response:
    where = None if error.field is None else f"body.{error.field.removesuffix('_us')}"
    fields = () if where is None else (FieldProblem(where=where, what=error.text),)
    return problem_response(request, 422, "entry_refused", error.text, fields=fields)


async def _on_table_error(request: Request, error: TableError) -> Response:
    log.error("%s %s: %s", request.method, request.url.path, error)
    text = Text(
        "价目或系数文件有误,请用 houqin check 检查", "a tariff or factor file has mistakes: see houqin check"
    )  # fmt: skip
    return problem_response(request, 503, "table_unusable", text)


async def _on_store_unavailable(request: Request, error: StoreUnavailable) -> Response:
    log.warning("%s %s: %s", request.method, request.url.path, error)
    text = Text("数据存储暂时不可用,请稍后再试", "the data store is not available now, try again later")
    return problem_response(request, 503, "store_unavailable", text, headers={"Retry-After": "5"})


async def _on_store_damaged(request: Request, error: StoreDamaged) -> Response:
    log.error("%s %s: %s", request.method, request.url.path, error)
    text = Text("数据文件已损坏,请联系管理员", "a data file is damaged, an administrator has to act")
    return problem_response(request, 503, "store_damaged", text)


async def _on_anything(request: Request, error: Exception) -> Response:
    log.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(request, 500, "internal", STATUS_TEXTS[500])
