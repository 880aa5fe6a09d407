"""The description's examples fit what it describes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from api.app import PREFIX
from api.openapi import BODIES, EXAMPLES
from tests.api.house import House

pytestmark = pytest.mark.asyncio


def misfits(value: Any, schema: dict[str, Any], schemas: dict[str, Any], place: str) -> list[str]:
    """Where an example has a field that its schema does not know, or lacks one that it needs."""
    if "$ref" in schema:
        return misfits(value, schemas[schema["$ref"].rpartition("/")[2]], schemas, place)
    if "anyOf" in schema:
        return min((misfits(value, each, schemas, place) for each in schema["anyOf"]), key=len)
    if value is None or schema.get("type") == "null":
        return [] if value is None and schema.get("type") in (None, "null") else [f"{place}: {value!r}"]
    if isinstance(value, list):
        return [text for item in value for text in misfits(item, schema.get("items", {}), schemas, place)]
    if not isinstance(value, dict):
        return []
    known = schema.get("properties", {})
    if not known:
        inside = schema.get("additionalProperties")
        inner = inside if isinstance(inside, dict) else {}
        return [text for key, item in value.items() for text in misfits(item, inner, schemas, f"{place}.{key}")]
    found = [f"{place}.{key} is not described" for key in value if key not in known]
    found += [f"{place}.{key} is missing" for key in schema.get("required", ()) if key not in value]
    return found + [
        text
        for key, item in value.items()
        if key in known
        for text in misfits(item, known[key], schemas, f"{place}.{key}")
    ]


async def test_every_example_fits_its_description(house: House) -> None:
    described = house.app.openapi()
    schemas = described["components"]["schemas"]
    for (path, method, status), example in EXAMPLES.items():
        content = described["paths"][path][method]["responses"][status]["content"]["application/json"]
        assert content["example"] == example, path
        assert misfits(example, content["schema"], schemas, path) == []


@pytest.mark.parametrize("model", BODIES, ids=lambda model: model.__name__)
async def test_every_body_takes_its_own_example(model: Any) -> None:
    example = model.model_json_schema()["example"]
    model.model_validate_json(orjson.dumps(example), strict=True)


async def test_tables_tell_that_they_are_files_too(house: House) -> None:
    paths = house.app.openapi()["paths"]
    for path in ("usage", "meters", "balance", "statements/{office}/{month}"):
        content = paths[f"{PREFIX}/{path}"]["get"]["responses"]["200"]["content"]
        assert "text/csv" in content
        assert any("spreadsheet" in kind for kind in content)


async def test_a_misfit_is_seen() -> None:
    schemas = {"Row": {"properties": {"a": {"type": "number"}}, "required": ["a"]}}
    assert misfits({"b": 1}, {"$ref": "#/components/schemas/Row"}, schemas, "x") == [
        "x.b is not described", "x.a is missing"
    ]  # fmt: skip
