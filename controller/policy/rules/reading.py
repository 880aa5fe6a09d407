"""Reads rules as they are written: fills in `$name`, and says what is wrong in the words of the site file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from controller.policy.problems import PolicyProblem
from controller.policy.rules.schema import Change, Rule, is_change
from facility.model.near import did_you_mean, listing
from facility.model.wording import missing_key, unknown_key, wording
from facility.text import Text

Path = tuple[str | int, ...]


def filled(value: Any, values: Mapping[str, Any]) -> Any:
    """`value` with every `$name` replaced by what is given under that name, at any depth.

    Raises:
        KeyError: nothing is given under a name.
    """
    if isinstance(value, str) and value.startswith("$"):
        return values[value[1:]]
    if isinstance(value, Mapping):
        return {key: filled(item, values) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [filled(item, values) for item in value]
    return value


def names_in(value: Any) -> Iterator[str]:
    """Every `$name` in `value`."""
    if isinstance(value, str) and value.startswith("$"):
        yield value[1:]
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from names_in(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from names_in(item)


def read_rule(
    raw: Mapping[str, Any], values: Mapping[str, Any], path: Path
) -> tuple[Rule | Change | None, list[PolicyProblem]]:
    """One entry of `policy.rules`: a rule, or how one of a preset's is changed; None where it cannot be read."""
    missing = [name for name in names_in(raw) if name not in values]
    if missing:
        return None, [_unknown_value(name, values, path) for name in dict.fromkeys(missing)]
    plain = filled(raw, values)
    model: type[Rule | Change] = Change if is_change(plain) else Rule
    try:
        return model.model_validate(plain), []
    except ValidationError as error:
        return None, list(_problems(error, model, plain, path))


def _unknown_value(name: str, values: Mapping[str, Any], path: Path) -> PolicyProblem:
    return PolicyProblem(
        path=path,
        what=Text(
            f"`${name}` 没有给出值，请写在 policy.parameters 下",
            f"nothing is given for `${name}`; write it under policy.parameters",
        ),
        hint=did_you_mean(name, values),
    )


def _problems(error: ValidationError, model: type[BaseModel], raw: Any, path: Path) -> Iterator[PolicyProblem]:
    told: set[Path] = set()
    for item in sorted(error.errors(), key=lambda one: -len(one["loc"])):
        place = _place(item["loc"], raw, item["type"])
        if any(known[: len(place)] == place for known in told):
            continue  # a union tells every alternative that did not fit; the deepest is the one that was meant
        told.add(place)
        what, hint = _words(item, model, place)
        yield PolicyProblem(path=(*path, *place), what=what, hint=hint)


def _place(loc: tuple[int | str, ...], raw: Any, kind: str) -> Path:
    """The keys and numbers of `loc` that are in the file; pydantic names alternatives and validators between them."""
    found: list[int | str] = []
    for number, part in enumerate(loc):
        inner = raw.get(part) if isinstance(raw, Mapping) else None
        if isinstance(raw, list | tuple) and isinstance(part, int) and part < len(raw):
            inner = raw[part]
        if inner is not None:
            raw = inner
        elif not (kind == "missing" and number == len(loc) - 1):
            continue
        found.append(part)
    return tuple(found)


def _words(item: Any, model: type[BaseModel], place: Path) -> tuple[Text, Text | None]:
    said = item.get("ctx", {})
    key = str(place[-1]) if place else ""
    if "zh" in said:
        about, zh, en = (f"`{key}`", "：", ": ") if key else ("", "", "")
        return Text(f"{about}{zh}{said['zh']}", f"{about}{en}{said['en']}"), None
    if item["type"] == "missing":
        return missing_key(key).what, None
    if item["type"] == "extra_forbidden":
        known = _keys_at(model, place[:-1])
        wrong = unknown_key(key, known)
        return wrong.what, wrong.hint
    found = wording(item, key)
    return found.what, found.hint


def _keys_at(model: type[BaseModel], place: Path) -> list[str]:
    """The keys that an entry at `place` takes."""
    for part in place:
        if isinstance(part, int):
            continue
        field = next((f for name, f in model.model_fields.items() if part in (name, f.alias)), None)
        inner = None if field is None else next(_models_in(field.annotation), None)
        model = inner if inner is not None else model
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    elif get_origin(annotation) in (Union, UnionType, tuple) or get_args(annotation):
        for part in get_args(annotation):
            yield from _models_in(part)


def unknown_word(path: Path, zh: str, en: str, word: str, known: list[str]) -> PolicyProblem:
    """A reference that leads nowhere."""
    what = Text(f"没有{zh} `{word}`，可用：{listing(known)}", f"there is no {en} `{word}`; known: {listing(known)}")
    return PolicyProblem(path=path, what=what, hint=did_you_mean(word, known))
