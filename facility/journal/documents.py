"""Messages as JSON documents, and back without loss."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import orjson
from pydantic import TypeAdapter

from facility.bus.messages import ForecastReceived
from facility.commands import Actor, Wish
from facility.decisions import Decision
from facility.journal.words import holdable
from facility.text import Text

T = TypeVar("T")

DECISION: Final = TypeAdapter(Decision)
FORECAST: Final = TypeAdapter(ForecastReceived)
ACTOR: Final = TypeAdapter(Actor)
WISH: Final = TypeAdapter(Wish)
TEXT: Final = TypeAdapter(Text)


def document_of(adapter: TypeAdapter[T], value: T) -> Any:
    """`value` as what JSON can hold."""
    return adapter.dump_python(value, mode="json")


def restored(adapter: TypeAdapter[T], document: Any) -> T:
    """The value again. Validated as JSON, so that strictness of types does not depend on the database's driver."""
    return adapter.validate_json(orjson.dumps(document))


def json_text(document: Any) -> str:
    """How the database driver writes a JSON column. What no database holds is replaced, as in columns of text."""
    try:
        return orjson.dumps(document).decode()
    except TypeError:
        return orjson.dumps(_mended(document)).decode()


def json_value(held: Any) -> Any:
    """What the database driver makes of a JSON column. SQLite turns a document that is a mere number into a number."""
    return held if isinstance(held, int | float) else orjson.loads(held)


def _mended(document: Any) -> Any:
    match document:
        case str():
            return holdable(document)
        case dict():
            return {_mended(key): _mended(value) for key, value in document.items()}
        case list() | tuple():
            return [_mended(part) for part in document]
        case _:
            return document
