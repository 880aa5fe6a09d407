"""A YAML file as a tree in which every key and value remembers where it was written.

YAML 1.2 through ruamel.yaml, so `off`, `yes` and `12:30` stay words. Duplicate keys, unknown tags, tabs, broken YAML
and wrong encodings become Problems with their place; only the first mistake of broken YAML can be told, all others are
told together.
"""

from __future__ import annotations

import io
import math
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from facility.model.problems import Problem, Severity
from facility.text import Text

MAX_NODES: Final = 400_000
"""A file that grows beyond this through aliases is refused; a site of 10,000 points needs a tenth of it."""

MAX_DEPTH: Final = 50
"""Nesting beyond this is refused; a site file needs eight levels."""

Scalar = str | int | float | bool | None

_TAG: Final = "tag:yaml.org,2002:"
_TEXT_TAGS: Final = ("str", "timestamp")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place in the file, counted from 1. `used_at` is the line of the `use` entry that brought it in, if one did."""

    line: int
    column: int
    used_at: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A value and its place. `value` is a scalar, a tuple of nodes, or a mapping of key to Field."""

    place: Place
    value: Scalar | tuple[Node, ...] | dict[str, Field]

    @property
    def fields(self) -> dict[str, Field]:
        """Its fields; empty when it is no mapping."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> tuple[Node, ...]:
        """Its items; empty when it is no list."""
        return self.value if isinstance(self.value, tuple) else ()

    def child(self, key: str | int) -> Node | None:
        """The value under `key`, None when there is none."""
        if isinstance(key, int):
            return self.items[key] if 0 <= key < len(self.items) else None
        found = self.fields.get(key)
        return found.node if found is not None else None

    def text(self, key: str) -> str | None:
        """The word under `key`, None when there is none or it is no text."""
        found = self.child(key)
        return found.value if found is not None and isinstance(found.value, str) else None

    def plain(self) -> Any:
        """As dicts, lists and scalars."""
        if isinstance(self.value, dict):
            return {key: item.node.plain() for key, item in self.value.items()}
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        return self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A key's place and its value."""

    key_place: Place
    node: Node


@dataclass(slots=True, kw_only=True)
class Parsed:
    """What came of a file: the tree (None when nothing could be read) and its mistakes."""

    file: str
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    unfilled: set[tuple[int, int]] = field(default_factory=set)
    """Texts of templates that name an unknown parameter: what else is wrong with them follows from that."""
    _said: set[tuple[int, int, str, Text]] = field(default_factory=set, repr=False)

    def report(
        self, place: Place, code: str, what: Text, hint: Text | None = None, *, severity: Severity = Severity.ERROR
    ) -> None:
        """Adds a mistake, once; one inside a template's body also says which `use` line (the first) brought it in."""
        key = (place.line, place.column, code, what)
        follows = place.used_at is not None and (place.line, place.column) in self.unfilled
        if follows or key in self._said:
            return
        self._said.add(key)
        if place.used_at is not None:
            what = Text(
                f"{what.zh}（由第 {place.used_at} 行的 use 展开）",
                f"{what.en} (expanded by `use` at line {place.used_at})",
            )
        self.problems.append(
            Problem(
                file=self.file, line=place.line, column=place.column, severity=severity, code=code, what=what, hint=hint
            )
        )


TOP: Final = Place(line=1, column=1)


def parse(raw: bytes, file: str) -> Parsed:
    """Reads a YAML file's bytes. `file` is its name in the Problems."""
    parsed = Parsed(file=file)
    text = _decoded(raw, parsed)
    if text is None:
        return parsed
    reader = YAML(typ="rt")
    reader.max_depth = MAX_DEPTH
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            composed = reader.compose(io.StringIO(text))
    except MarkedYAMLError as error:
        _report_broken(error, text, parsed)
        return parsed
    except YAMLError as error:
        _report_unreadable(error, text, parsed)
        return parsed
    if composed is None:
        parsed.report(
            TOP,
            "empty_file",
            Text("文件是空的；应至少有 site 与 buildings", "the file is empty; expected at least site and buildings"),
        )
        return parsed
    parsed.root = _Converter(parsed).node(composed)
    return parsed


def _decoded(raw: bytes, parsed: Parsed) -> str | None:
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = raw[: error.start]
        line_start = before.rfind(b"\n") + 1
        column = len(before[line_start:].decode("utf-8", errors="replace")) + 1
        place = Place(line=before.count(b"\n") + 1, column=column)
        what = Text(
            f"文件不是 UTF-8 编码：字节 0x{raw[error.start]:02X} 无法解码",
            f"the file is not UTF-8: byte 0x{raw[error.start]:02X} cannot be decoded",
        )
        parsed.report(place, "encoding", what, _encoding_hint(raw))
        return None


def _encoding_hint(raw: bytes) -> Text:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return Text("看来是 UTF-16 编码，请另存为 UTF-8", "it looks like UTF-16, save it again as UTF-8")
    try:
        raw.decode("gb18030")
    except UnicodeDecodeError:
        return Text("请用 UTF-8 重新保存", "save it again as UTF-8")
    return Text("看来是 GBK 编码，请另存为 UTF-8", "it looks like GBK, save it again as UTF-8")


def _report_broken(error: MarkedYAMLError, text: str, parsed: Parsed) -> None:
    mark: StringMark | None = error.problem_mark or error.context_mark
    place = TOP if mark is None else Place(line=mark.line + 1, column=mark.column + 1)
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        tab = Place(line=place.line, column=line.index("\t") + 1)
        what = Text("缩进里有制表符；YAML 只用空格缩进", "a tab in the indentation; YAML indents with spaces only")
        parsed.report(tab, "tab", what, Text("请把制表符换成空格", "replace it by spaces"))
        return
    wide = _full_width(lines, place.line)
    if wide is not None:
        parsed.report(wide[0], "full_width", wide[1])
        return
    said = " ".join(str(error.problem or error.context or error).split()).partition(", if necessary")[0]
    what = Text(
        f"YAML 语法错误，读到这里无法继续{_cause_zh(said)}；改正后才能检查其余部分",
        f"broken YAML, reading stops here: {said}; the rest is checked once this is repaired",
    )
    parsed.report(place, "yaml", what)


_WIDE: Final[Mapping[str, str]] = {"：": ": ", "，": ", ", "｛": "{", "｝": "}", "［": "[", "］": "]"}
"""Punctuation of a Chinese keyboard that looks like YAML's, and what YAML wants."""
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'|#.*")


def _full_width(lines: list[str], stopped: int) -> tuple[Place, Text] | None:
    """Full-width punctuation in the line where reading stopped or the one before it, outside of quotes."""
    for number in (stopped, stopped - 1):
        line = lines[number - 1] if 1 <= number <= len(lines) else ""
        bare = _QUOTED.sub(lambda quoted: " " * len(quoted[0]), line)
        column = next((at for at, letter in enumerate(bare) if letter in _WIDE), None)
        if column is not None:
            wide = bare[column]
            return Place(line=number, column=column + 1), Text(
                f"全角符号 `{wide}`；YAML 要用半角 `{_WIDE[wide]}`；改正后才能检查其余部分",
                f"the full-width `{wide}`; YAML wants `{_WIDE[wide]}`; the rest is checked once this is repaired",
            )
    return None


_CAUSES_ZH: Final[Mapping[str, str]] = {
    "mapping values are not allowed here": "这里不应再有冒号（缩进或引号不对）",
    "found unexpected end of stream": "引号没有闭合",
    "could not find expected ':'": "键后缺少冒号",
    "found character": "这个字符开头的值要加引号",
    "expected ',' or '}'": "花括号没有闭合，或缺少逗号",
    "expected ',' or ']'": "方括号没有闭合，或缺少逗号",
    "expected <block end>": "缩进不一致",
    "found undefined alias": "引用了没有定义的别名",
    "maximum depth": "嵌套太深",
    "but found another document": "一个文件只能有一份文档（多了 ---）",
}
"""How the parser's complaint begins -> what it means; the rest stays with its place alone."""


def _cause_zh(said: str) -> str:
    return next((f"：{cause}" for start, cause in _CAUSES_ZH.items() if said.startswith(start)), "")


def _report_unreadable(error: YAMLError, text: str, parsed: Parsed) -> None:
    position = getattr(error, "position", None)
    character = getattr(error, "character", None)
    if not isinstance(position, int):
        parsed.report(TOP, "yaml", Text("YAML 无法读取", f"the YAML cannot be read: {' '.join(str(error).split())}"))
        return
    before = text[:position]
    place = Place(line=before.count("\n") + 1, column=position - (before.rfind("\n") + 1) + 1)
    shown = f"U+{character:04X}" if isinstance(character, int) else f"U+{ord(str(character)[:1] or ' '):04X}"
    parsed.report(
        place, "yaml", Text(f"含有 YAML 不允许的字符 {shown}", f"a character that YAML does not allow: {shown}")
    )


class _Converter:
    """Turns ruamel's node graph into located nodes; aliases are written out."""

    def __init__(self, parsed: Parsed) -> None:
        self._parsed = parsed
        self._open: set[int] = set()
        self._count = 0

    def node(self, raw: Any) -> Node:
        place = _place(raw)
        self._count += 1
        if id(raw) in self._open or self._count > MAX_NODES:
            self._report_alias(place)
            return Node(place=place, value=None)
        self._check_tag(raw, place)
        self._open.add(id(raw))
        try:
            return Node(place=place, value=self._value(raw, place))
        finally:
            self._open.discard(id(raw))

    def _value(self, raw: Any, place: Place) -> Scalar | tuple[Node, ...] | dict[str, Field]:
        if isinstance(raw, MappingNode):
            return self._mapping(raw)
        if isinstance(raw, SequenceNode):
            return tuple(self.node(item) for item in raw.value) if self._count <= MAX_NODES else ()
        assert isinstance(raw, ScalarNode)
        try:
            return scalar_of(str(raw.tag).removeprefix(_TAG), raw.value)
        except ValueError:
            what = Text(f"{raw.value!r} 不是可读的数", f"{raw.value!r} is not a number that can be read")
            self._parsed.report(place, "yaml", what)
            return None

    def _mapping(self, raw: MappingNode) -> dict[str, Field]:
        fields: dict[str, Field] = {}
        for key_node, value_node in raw.value:
            if self._count > MAX_NODES:
                break
            key_place = _place(key_node)
            if not isinstance(key_node, ScalarNode):
                self._parsed.report(key_place, "key", Text("键应是一个词", "a key is expected to be one word"))
                continue
            key = str(key_node.value)
            first = fields.get(key)
            value = self.node(value_node)
            if first is not None:
                self._report_duplicate(key, key_place, first.key_place)
                continue
            fields[key] = Field(key_place=key_place, node=value)
        return fields

    def _report_duplicate(self, key: str, place: Place, first: Place) -> None:
        what = Text(
            f"键 `{key}` 重复，第 {first.line} 行已经写过", f"key `{key}` is written twice, first at line {first.line}"
        )
        self._parsed.report(place, "duplicate_key", what)

    def _report_alias(self, place: Place) -> None:
        if self._count > MAX_NODES + 1:
            return
        what = Text("别名（&、*）引用了自身或展开得太大", "an alias (&, *) refers to itself or expands too far")
        self._parsed.report(place, "alias", what, Text("请改用 templates", "use templates instead"))

    def _check_tag(self, raw: Any, place: Place) -> None:
        tag = str(raw.tag)
        known = tag.startswith(_TAG) and tag.removeprefix(_TAG) in _KNOWN_TAGS
        if not known:
            shown = tag.replace(_TAG, "!!")
            what = Text(
                f"不认识的 YAML 标签 `{shown}`；应为普通的值", f"unknown YAML tag `{shown}`; expected a plain value"
            )
            self._parsed.report(place, "tag", what)


_KNOWN_TAGS: Final = frozenset({*_TEXT_TAGS, "int", "float", "bool", "null", "map", "seq", "merge", "value"})


def scalar_of(tag: str, word: str) -> Scalar:
    """The value of a scalar as YAML 1.2 resolves it; dates stay words.

    Raises:
        ValueError: the word is no value of its tag.
    """
    if tag == "null":
        return None
    if tag == "bool":
        return word.lower() == "true"
    if tag == "int":
        return _whole(word)
    if tag == "float":
        return _real(word)
    return word


def _whole(word: str) -> int:
    digits = word.replace("_", "")
    is_prefixed = digits.lstrip("+-")[:2].lower() in ("0x", "0o", "0b")
    return int(digits, 0 if is_prefixed else 10)


def _real(word: str) -> float:
    digits = word.replace("_", "").lower()
    named = {".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf, ".nan": math.nan}
    return named[digits] if digits in named else float(digits)


def _place(raw: Any) -> Place:
    return Place(line=raw.start_mark.line + 1, column=raw.start_mark.column + 1)


def moved(node: Node, used_at: int) -> Node:
    """The node, saying that `use` at line `used_at` brought it in."""
    place = replace(node.place, used_at=used_at)
    if isinstance(node.value, dict):
        fields = {
            key: Field(key_place=replace(item.key_place, used_at=used_at), node=moved(item.node, used_at))
            for key, item in node.value.items()
        }
        return Node(place=place, value=fields)
    if isinstance(node.value, tuple):
        return Node(place=place, value=tuple(moved(item, used_at) for item in node.value))
    return Node(place=place, value=node.value)


def walk(node: Node, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    """Every node below and including `node`, with its path."""
    yield path, node
    for key, item in node.fields.items():
        yield from walk(item.node, (*path, key))
    for index, entry in enumerate(node.items):
        yield from walk(entry, (*path, index))
