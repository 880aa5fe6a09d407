"""What all routes share that change something: who asks, and how the documentation shows a body read by hand."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from api.auth import actor_of_request
from api.errors import STATUS_TEXTS
from api.problems import RequestProblem
from facility.commands import Actor


def body_of(model: type[BaseModel]) -> dict[str, Any]:
    """How the documentation shows a body that `read_body` takes."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{model.__name__}"}}},
        }
    }


def who(request: Request) -> Actor:
    """The person behind the request; the gate lets nobody else through to here."""
    actor = actor_of_request(request)
    if actor is None:
        raise RequestProblem(401, "log_in", STATUS_TEXTS[401])
    return actor
