"""Reads a table's file: shipped with Houqin by its name, or a site's own by its path beside the site file.

Every mistake is told with its line, in Chinese and English, all in one go: first those of form, then, where the form is
right, those of sense.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import BaseModel, ValidationError

from facility.errors import TableError
from facility.model.located import TOP, Node, Parsed, parse
from facility.model.near import did_you_mean, listing
from facility.model.problems import Problem
from facility.model.validation import key_place_of, mistakes, place_of
from facility.text import Text

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """What makes no sense in a table. `path` leads to the value through keys and list indices."""

    path: tuple[str | int, ...]
    code: str
    what: Text
    hint: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Format(Generic[M]):
    """How a sort of table is written, judged and found.

    Attributes:
        word: what the table is called.
        key: the top-level key that names a table; the same as its file's name.
        model: the schema.
        judge: mistakes that the schema cannot tell.
        folder: where the shipped ones are.
    """

    word: Text
    key: str
    model: type[M]
    judge: Callable[[M], Sequence[Mistake]]
    folder: Path


def shipped(table: Format[M]) -> list[str]:
    """Names of the shipped tables."""
    return sorted(path.stem for path in table.folder.glob("*.yaml"))


def is_own(name: str) -> bool:
    """Whether a table is named by its path (`./own.yaml`), not by a shipped one's name."""
    return "/" in name or name.endswith((".yaml", ".yml"))


def path_of(table: Format[M], name: str, base: Path | None) -> Path:
    """The file of a table.

    Args:
        table: the sort of table.
        name: a shipped one's name, or a path relative to `base`.
        base: the folder of the site file; None: the working folder.

    Raises:
        TableError: nothing of that name is shipped.
    """
    if is_own(name):
        return (base if base is not None else Path()) / name
    known = shipped(table)
    if name not in known:
        what = Text(
            f"没有名为 `{name}` 的{table.word.zh}，可用：{listing(known)}；自带文件请写路径，例如 `./own.yaml`",
            f"no {table.word.en} `{name}`; expected one of {listing(known)}, or your own as a path: `./own.yaml`",
        )
        told = Parsed(file=name)
        told.report(TOP, "dangling", what, did_you_mean(name, known))
        raise _error(told)
    return table.folder / f"{name}.yaml"


def read(table: Format[M], path: Path) -> M:
    """One table's file, judged.

    Raises:
        TableError: it cannot be read or has mistakes; carries all of them.
    """
    told = Parsed(file=path.name)
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        told.report(TOP, "file", Text(f"打不开文件 {path}", f"the file {path} cannot be opened: {reason}"))
        raise _error(told) from error
    if not raw.strip():
        told.report(TOP, "empty_file", Text(f"{table.word.zh}文件是空的", f"the {table.word.en} file is empty"))
        raise _error(told)
    told = parse(raw, path.name)
    entry = _formed(table, told) if told.root is not None and not told.problems else None
    if entry is not None and told.root is not None:
        _judged(table, entry, told.root, told, path)
    if entry is None or told.problems:
        raise _error(told)
    return entry


def _formed(table: Format[M], told: Parsed) -> M | None:
    assert told.root is not None
    if not isinstance(told.root.value, dict):
        what = Text("文件应为一组键值", "the file is expected to be a mapping of keys")
        told.report(told.root.place, "wrong_type", what)
        return None
    try:
        return table.model.model_validate(told.root.plain())
    except ValidationError as error:
        for mistake in mistakes(error, table.model, table.key):
            place = key_place_of if mistake.at_key else place_of
            told.report(place(told.root, mistake.loc), mistake.wrong.code, mistake.wrong.what, mistake.wrong.hint)
        return None


def _judged(table: Format[M], entry: M, root: Node, told: Parsed, path: Path) -> None:
    named = getattr(entry, table.key)
    if named != path.stem:
        what = Text(
            f"`{table.key}` 是 `{named}`，文件名是 `{path.name}`，两者应一致",
            f"`{table.key}` is `{named}`; expected `{path.stem}`, as the file is called",
        )
        told.report(place_of(root, (table.key,)), "wrong_name", what)
    for mistake in table.judge(entry):
        told.report(place_of(root, mistake.path), mistake.code, mistake.what, mistake.hint)


def _error(told: Parsed) -> TableError:
    problems: list[Problem] = sorted(told.problems, key=lambda problem: (problem.line, problem.column))
    return TableError("; ".join(problem.render("en") for problem in problems), problems=problems)
