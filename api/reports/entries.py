"""Entries of the account book as lines of a table: what was entered, by whom, and whether it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any

from api.services.entered import KINDS, EnteredView, EntryKind

_ABOUT = ("author", "role", "entered", "revoked", "revoked_by", "revoke_reason")


def entry_columns(kind: EntryKind) -> list[str]:
    """The number, the fields of that kind, and who entered and revoked it when."""
    return ["id", *_names(kind), *_ABOUT]


def entry_lines(kind: EntryKind, rows: Iterable[EnteredView]) -> Iterator[list[Any]]:
    """A line for each."""
    for row in rows:
        taken = row.revoked
        about = (row.author, row.role, row.entered, *((taken.at, taken.by, taken.reason) if taken else (None,) * 3))
        yield [row.id, *(row.entry[name] for name in _names(kind)), *about]


def _names(kind: EntryKind) -> list[str]:
    return [field.name.removesuffix("_us") for field in fields(KINDS[kind])]
