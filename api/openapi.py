"""The API's description: bodies read by hand, problems, how to send a token, and examples."""

from __future__ import annotations

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api.openapi_accounts import ACCOUNT_EXAMPLES
from api.openapi_filings import FILING_EXAMPLES
from api.services.alarm_acts import AlarmActBody, ServiceBody, ShelveBody
from api.services.almanac_bodies import (
    ClosureBody,
    DutyBody,
    HalfDayBody,
    TableBody,
    TimetableBody,
    WorkdayBody,
)
from api.services.commands import CommandBody
from api.services.entry_bodies import (
    AreaBody,
    AssignmentBody,
    BillBody,
    CorrectionBody,
    FactorsBody,
    HeadcountBody,
    JumpBody,
    PriceBody,
    QuotaBody,
    ReadingBody,
    ReasonBody,
    ReplacementBody,
    TariffBody,
)
from api.services.filing_bodies import FilingBody, NoteBody
from api.services.forecasts import ForecastBody
from api.services.notifications import TrialMessageBody
from api.services.patrols import TickBody
from api.services.trials import TrialBody

BODIES: Final[tuple[type[BaseModel], ...]] = (
    CommandBody, ForecastBody, ReplacementBody, ReadingBody, CorrectionBody, JumpBody, AssignmentBody, HeadcountBody,
    AreaBody, QuotaBody, TariffBody, PriceBody, FactorsBody, BillBody, ReasonBody, FilingBody, NoteBody, TickBody,
    TrialBody, ClosureBody, HalfDayBody, WorkdayBody, TimetableBody, DutyBody, TableBody,
    AlarmActBody, ShelveBody, ServiceBody, TrialMessageBody,
)  # fmt: skip

DESCRIPTION: Final = (
    "后勤(Houqin)的程序接口:测点、实时值、历史、各科室用量与账目、控制决定与指令。"
    "除 `/health` 外均需访问令牌:`Authorization: Bearer <token>`(用 `houqin token create` 创建)。"
    "表格可加 `?format=csv` 或 `?format=xlsx`,文字语言用 `?lang=zh|en`。时间为 ISO 8601;"
    "数值缺失为 null,绝不以 0 代替。\n\n"
    "Houqin's interface for programs: points, live values, history, use of each office and its accounts, decisions "
    "and commands. "
    "Everything but `/health` needs a token: `Authorization: Bearer <token>` (made with `houqin token create`). "
    "Tables take `?format=csv` or `?format=xlsx`, texts `?lang=zh|en`. Times are ISO 8601; what is not known is null, "
    "never 0."
)

_PROBLEM: Final[dict[str, Any]] = {
    "title": "Problem",
    "type": "object",
    "description": "Problem details (RFC 9457)",
    "properties": {
        "type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
        "detail": {"type": "string"}, "instance": {"type": "string"}, "code": {"type": "string"},
        "text": {"$ref": "#/components/schemas/Bilingual"}, "hint": {"$ref": "#/components/schemas/Bilingual"},
        "fields": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"where": {"type": "string"}, "what": {"$ref": "#/components/schemas/Bilingual"}},
            },
        },
    },
    "required": ["type", "title", "status", "detail", "code", "text"],
}  # fmt: skip

EXAMPLES: Final[dict[tuple[str, str, str], Any]] = {
    **ACCOUNT_EXAMPLES,
    **FILING_EXAMPLES,
    ("/api/v1/health", "get", "200"): {
        "status": "ok", "time": "2026-07-15T10:20:00+08:00", "pace": 600, "version": "0.1.0",
        "control": "acting", "epoch": 1, "store_away": False, "spool_percent": None,
    },
    ("/api/v1/points/{point_id}", "get", "200"): {
        "id": "f4-401-ac.room_temperature", "equipment": "f4-401-ac", "quantity": "temperature", "unit": "Cel",
        "name": {"zh": "室温", "en": "Room temperature"}, "states": None, "writable": False,
    },
    ("/api/v1/live", "get", "200"): {
        "time": "2026-07-15T10:20:00+08:00",
        "points": [
            {"id": "f4-401-ac.room_temperature", "value": 28.4, "unit": "Cel", "time": "2026-07-15T10:19:57.900+08:00",
             "age_s": 2.1, "quality": "good", "reason": None, "state": None, "stale": False},
        ],
    },
    ("/api/v1/points/{point_id}/history", "get", "200"): {
        "id": "f4-401-ac.room_temperature", "name": {"zh": "室温", "en": "Room temperature"}, "unit": "Cel",
        "aggregate": "mean", "every_s": 300.0,
        "rows": [{"time": "2026-07-15T10:15:00+08:00", "value": 28.4, "quality": "good", "completeness": 1.0}],
    },
    ("/api/v1/equipment/{equipment}/decision", "get", "200"): {
        "equipment": "f4-401-ac", "name": {"zh": "401 空调", "en": "AC 401"}, "time": "2026-07-15T10:20:00+08:00",
        "wanted": {"on": False}, "effective": {"on": False}, "slot": 12,
        "reasons": [
            {"rule": "cooling-stop-measured", "effect": "forbid", "clause": "AC-06",
             "quote": "室外温度达到30℃以上方可开启冷气",
             "text": {"zh": "室外 29.4 ℃,低于 30 ℃", "en": "29.4 C outdoors, below 30 C"}, "document": None,
             "inputs": [{"point": "outdoor.temperature", "value": 29.4, "source": "sensor",
                         "time": "2026-07-15T10:18:00+08:00", "age_s": 120}]},
        ],
        "sentence": {"zh": "室外 29.4 ℃,低于 30 ℃,停止供冷。", "en": "29.4 C outdoors, below 30 C: no cooling."},
        "until": None, "next_change": None,
        "coming": {"zh": "条件满足即启动", "en": "starts as soon as conditions permit"},
        "slots": [
            {
                "slot": 12, "wish": {"on": False, "mode": None, "setpoint_c": None, "fan": None}, "who": "controller",
                "why": {"zh": "室外 29.4 ℃,低于 30 ℃", "en": "29.4 C outdoors, below 30 C"}, "until": None,
                "wins": True,
            },
        ],
    },
    ("/api/v1/equipment/{equipment}/commands", "post", "202"): {
        "command_id": "0b6f0c1e3a8d4f0f9c3a1c2d3e4f5a6b", "until": "2026-07-15T17:00:00+08:00",
    },
}  # fmt: skip


def document(app: FastAPI) -> None:
    """Gives `app` its description, made once when first asked for."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def _description(app: FastAPI) -> dict[str, Any]:
    schema = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
    components = schema.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = _PROBLEM
    for model in BODIES:
        described = model.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(described.pop("$defs", {}))
        schemas[model.__name__] = described
    components["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            operation["security"] = [] if path.endswith("/health") else [{"token": []}]
            _put_examples(path, method, operation)
    return schema


def _put_examples(path: str, method: str, operation: dict[str, Any]) -> None:
    for status, response in operation["responses"].items():
        example = EXAMPLES.get((path, method, status))
        if example is not None:
            response["content"]["application/json"]["example"] = example
