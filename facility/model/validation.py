"""A site file's entries against their schema, one by one, so that one mistake hides no other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import UnionType
from typing import Any, Final, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from facility.model.entries import (
    AccountingEntry,
    AlarmsEntry,
    AlmanacEntry,
    Building,
    CalendarDay,
    ClockEntry,
    ControlEntry,
    Device,
    Entry,
    FilingsEntry,
    IndoorUnit,
    JournalEntry,
    Kettle,
    Meter,
    ModbusAsciiLink,
    ModbusAsciiOverTcpLink,
    ModbusRtuLink,
    ModbusRtuOverTcpLink,
    ModbusTcpLink,
    MqttLink,
    NotifyEntry,
    ObservanceEntry,
    Office,
    OutdoorUnit,
    PolicyEntry,
    PollsEntry,
    PublishEntry,
    Sensor,
    SiteFile,
    SiteHead,
    Slug,
    Space,
    StoreEntry,
    Switch,
    VirtualMeter,
    WeatherEntry,
)
from facility.model.located import TOP, Field, Node, Parsed, Place
from facility.model.near import near_miss
from facility.model.wording import (
    Wrong,
    missing_key,
    tags_expected,
    unknown_key,
    unknown_word,
    wording,
    words_expected,
)
from facility.text import Text

Path = tuple[str | int, ...]
E = TypeVar("E", bound=Entry)


def _by_word(key: str, *models: type[Entry]) -> dict[str, type[Entry]]:
    return {word: model for model in models for word in get_args(model.model_fields[key].annotation)}


SINGLE: Final[Mapping[str, type[Entry]]] = {
    "site": SiteHead, "policy": PolicyEntry, "weather": WeatherEntry, "polls": PollsEntry, "store": StoreEntry,
    "journal": JournalEntry, "accounting": AccountingEntry,
    "almanac": AlmanacEntry, "filings": FilingsEntry, "control": ControlEntry, "alarms": AlarmsEntry,
    "observance": ObservanceEntry,
    "notify": NotifyEntry, "clock": ClockEntry, "publish": PublishEntry,
}  # fmt: skip
LISTS: Final[Mapping[str, type[Entry]]] = {
    "calendar": CalendarDay, "buildings": Building, "offices": Office, "spaces": Space, "devices": Device,
}  # fmt: skip
EQUIPMENT: Final = _by_word("kind", IndoorUnit, OutdoorUnit, Meter, VirtualMeter, Sensor, Kettle, Switch)
LINKS: Final = _by_word(
    "type", ModbusTcpLink, ModbusRtuOverTcpLink, ModbusAsciiOverTcpLink, ModbusRtuLink, ModbusAsciiLink, MqttLink
)
REQUIRED: Final = ("site", "buildings")
SECTIONS: Final = (*SiteFile.model_fields, "templates", "use")

_SLUG: Final[TypeAdapter[str]] = TypeAdapter(Slug)


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """An entry that fits its schema, with its place in the tree."""

    path: Path
    node: Node
    entry: Entry


@dataclass(slots=True, kw_only=True)
class Draft:
    """A site file on its way: the tree, and the entries that fit their schema, by section."""

    root: Node
    parsed: Parsed
    entries: dict[str, list[Valid]] = field(default_factory=dict)
    doubtful: set[Path] = field(default_factory=set)
    """Paths whose value does not fit its schema: what depends on them is not judged."""

    def of(self, model: type[E]) -> Iterator[tuple[Valid, E]]:
        """All valid entries of one model."""
        for valids in self.entries.values():
            for valid in valids:
                if isinstance(valid.entry, model):
                    yield valid, valid.entry

    def raw(self, section: str) -> Iterator[tuple[Path, Node]]:
        """Every entry of a list section, valid or not."""
        node = self.root.child(section)
        for index, item in enumerate(node.items if node is not None else ()):
            yield (section, index), item

    def place(self, path: Path) -> Place:
        """Where the value at `path` is; the nearest thing above it when it is not written."""
        return place_of(self.root, path)


def place_of(root: Node, path: Sequence[str | int]) -> Place:
    """Where the value at `path` is; the nearest thing above it when it is not written."""
    node, place = root, root.place
    for key in path:
        child = node.child(key)
        if child is None:
            found = node.fields.get(str(key))
            return found.key_place if found is not None else place
        node, place = child, child.place
    return place


def validate(root: Node, parsed: Parsed) -> Draft:
    """Checks every entry by itself; mistakes go to `parsed`."""
    draft = Draft(root=root, parsed=parsed)
    if not isinstance(root.value, dict):
        parsed.report(
            root.place, "wrong_type", Text("文件应为一组键值", "the file is expected to be a mapping of keys")
        )
        return draft
    _check_sections(root, parsed)
    for section, model in SINGLE.items():
        _single(section, model, draft)
    for section, model in LISTS.items():
        _list(section, model, draft)
    _equipment(draft)
    _links(draft)
    return draft


def _check_sections(root: Node, parsed: Parsed) -> None:
    strangers = [key for key in root.fields if key not in SECTIONS]
    for key in strangers:
        wrong = unknown_key(key, list(SECTIONS))
        parsed.report(root.fields[key].key_place, wrong.code, wrong.what, wrong.hint)
    for key in REQUIRED:
        meant = any(near_miss(stranger, SECTIONS) == key for stranger in strangers)
        if key not in root.fields and not meant:
            wrong = missing_key(key)
            parsed.report(TOP, wrong.code, wrong.what, wrong.hint)


def _single(section: str, model: type[Entry], draft: Draft) -> None:
    node = draft.root.child(section)
    if node is not None:
        _check((section,), node, model, draft)


def _list(section: str, model: type[Entry], draft: Draft) -> None:
    if _is_list(section, draft):
        for path, node in draft.raw(section):
            _check(path, node, model, draft)
        if section == "buildings" and not any(True for _ in draft.raw(section)):
            draft.parsed.report(
                draft.place((section,)),
                "empty",
                Text("`buildings` 至少要有 1 项", "`buildings` is empty; expected at least 1"),
            )


def _is_list(section: str, draft: Draft) -> bool:
    node = draft.root.child(section)
    if node is None or isinstance(node.value, tuple):
        return node is not None
    what = Text(f"`{section}` 应为列表", f"`{section}` is expected to be a list")
    draft.parsed.report(node.place, "wrong_type", what)
    return False


def _equipment(draft: Draft) -> None:
    if _is_list("equipment", draft):
        for path, node in draft.raw("equipment"):
            _check_sort(path, node, "kind", EQUIPMENT, draft)


def _links(draft: Draft) -> None:
    section = draft.root.child("links")
    if section is None:
        return
    if not isinstance(section.value, dict):
        what = Text("`links` 应为一组键值，键是线路编号", "`links` is expected to be a mapping by link id")
        draft.parsed.report(section.place, "wrong_type", what)
        return
    for key, item in section.fields.items():
        try:
            _SLUG.validate_python(key)
        except ValidationError as error:
            wrong = wording(dict(error.errors()[0]), key)
            draft.parsed.report(item.key_place, wrong.code, wrong.what, wrong.hint)
        _check_sort(("links", key), item.node, "type", LINKS, draft)


def _check_sort(path: Path, node: Node, key: str, models: Mapping[str, type[Entry]], draft: Draft) -> None:
    """Checks an entry whose `key` says which model it is."""
    word = node.child(key)
    if not isinstance(node.value, dict):
        _check(path, node, next(iter(models.values())), draft)
    elif word is None:
        strange = next((name for name in node.fields if near_miss(name, [key]) == key), None)
        wrong = missing_key(key) if strange is None else unknown_key(strange, [key])
        _report(path if strange is None else (*path, strange), wrong, draft, at_key=strange is not None)
    elif not isinstance(word.value, str) or word.value not in models:
        _report((*path, key), unknown_word(key, word.value, list(models)), draft)
    else:
        _check(path, node, models[word.value], draft)


def _check(path: Path, node: Node, model: type[Entry], draft: Draft) -> None:
    try:
        entry = model.model_validate(node.plain())
    except ValidationError as error:
        for mistake in mistakes(error, model, str(path[0])):
            _report((*path, *mistake.loc), mistake.wrong, draft, at_key=mistake.at_key)
        return
    draft.entries.setdefault(str(path[0]), []).append(Valid(path=path, node=node, entry=entry))


def _report(path: Path, wrong: Wrong, draft: Draft, *, at_key: bool = False) -> None:
    draft.doubtful.add(path)
    place = key_place_of(draft.root, path) if at_key else draft.place(path)
    draft.parsed.report(place, wrong.code, wrong.what, wrong.hint)


def key_place_of(root: Node, path: Path) -> Place:
    """Where the key of the value at `path` is; where the value is when it has none."""
    node = root
    for key in path[:-1]:
        child = node.child(key)
        if child is None:
            return place_of(root, path)
        node = child
    found: Field | None = node.fields.get(str(path[-1]))
    return found.key_place if found is not None else place_of(root, path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """A schema mistake in words. `loc` is the path from the entry; `at_key`: the key is wrong, not its value."""

    loc: Path
    wrong: Wrong
    at_key: bool = False


def mistakes(error: ValidationError, model: type[BaseModel], section: str) -> Iterator[Mistake]:
    """A model's mistakes in words; a required key that was misspelt is told once, as the unknown key it became.
    `section` names the whole where a value has no key of its own.
    """
    errors = error.errors(include_url=False)
    misspelt: set[Path] = set()
    for item in errors:
        if item["type"] == "extra_forbidden":
            loc: Path = item["loc"]
            known = _keys_at(model, loc[:-1])
            near = near_miss(str(loc[-1]), known)
            misspelt.update({(*loc[:-1], near)} if near is not None else ())
            yield Mistake(loc=loc, wrong=unknown_key(str(loc[-1]), known), at_key=True)
    for item in errors:
        loc = item["loc"]
        if item["type"] == "missing":
            if loc not in misspelt:
                yield Mistake(loc=loc[:-1], wrong=missing_key(str(loc[-1])))
        elif item["type"] in ("union_tag_invalid", "union_tag_not_found"):
            yield _wrong_sort(item)
        elif item["type"] != "extra_forbidden" and not _follows_from_others(item):
            is_key = loc[-1:] == ("[key]",)
            loc = loc[:-1] if is_key else loc
            wrong = _wrong_key(item) if is_key else wording(dict(item), _name_of((section, *loc)))
            yield Mistake(loc=loc, wrong=wrong, at_key=is_key)


def _wrong_key(item: ErrorDetails) -> Wrong:
    """A key that must be one of a list, such as a zone class."""
    return unknown_key(str(item["input"]), words_expected(item))


def _wrong_sort(item: ErrorDetails) -> Mistake:
    """The key that says which sort an entry is of is missing, misspelt, or none of those there are."""
    key, loc = str(item["ctx"]["discriminator"]).strip("'"), item["loc"]
    if item["type"] == "union_tag_invalid":
        return Mistake(loc=(*loc, key), wrong=unknown_word(key, item["ctx"]["tag"], tags_expected(item)))
    strange = next((name for name in item["input"] if near_miss(str(name), [key]) == key), None)
    if strange is None:
        return Mistake(loc=loc, wrong=missing_key(key))
    return Mistake(loc=(*loc, strange), wrong=unknown_key(str(strange), [key]), at_key=True)


def _follows_from_others(item: ErrorDetails) -> bool:
    """A list that is long enough as written, but not when its wrong entries are left out."""
    return item["type"] == "too_short" and len(item["input"]) >= int(item["ctx"]["min_length"])


def _name_of(loc: Path) -> str:
    """The last key with a name: a list's third item is told by the list's name."""
    return next(part for part in reversed(loc) if isinstance(part, str))


def _keys_at(model: type[BaseModel], loc: Path) -> list[str]:
    """The keys that the model below `loc` takes."""
    found: Any = model
    for part in loc:
        found = _step(found, part)
    found = _bare(found)
    if isinstance(found, type) and issubclass(found, BaseModel):
        return [item.alias or name for name, item in found.model_fields.items()]
    return []


def _step(annotation: Any, part: str | int) -> Any:
    """The annotation of what lies under `part`."""
    annotation = _bare(annotation)
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, item in annotation.model_fields.items():
            if part in (name, item.alias):
                return item.annotation
        return None
    arguments = get_args(annotation)
    if get_origin(annotation) is dict:
        return arguments[1]
    return arguments[0] if arguments else None


def _bare(annotation: Any) -> Any:
    """Without `| None`."""
    if get_origin(annotation) in (Union, UnionType):
        return next((part for part in get_args(annotation) if part is not type(None)), None)
    return annotation if get_origin(annotation) is not Literal else None
