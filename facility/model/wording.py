"""What a schema mistake is called, in Chinese and English: pydantic's error types in the words of a site file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import available_timezones

from facility.model.near import did_you_mean, listing
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """A schema mistake in words. `code` names its sort, `hint` is the near miss."""

    code: str
    what: Text
    hint: Text | None = None


_ENVIRONMENT_NAME: Final = r"^[A-Z][A-Z0-9_]*$"
_LOGIN: Final = re.compile(r"//[^/\s]*@")
"""User and password in an address."""

_PATTERNS: Final[Mapping[str, Text]] = {
    r"^[a-z0-9][a-z0-9-]*$": Text("小写字母、数字和连字符", "lower-case letters, digits and hyphens"),
    r"^[a-z0-9][a-z0-9-]*\.[a-z][a-z0-9_]*$": Text(
        "<设备>.<测点>，例如 weather.temperature", "<equipment>.<point>, for example weather.temperature"
    ),
    r"^[a-z][a-z0-9_]*$": Text("小写字母、数字和下划线", "lower-case letters, digits and underscores"),
    r"^[A-D]([1-9][0A-Z]|00)$": Text("分项编码，例如 C10", "an item code, for example C10"),
    r"^[0-9]{2}$": Text("两位数字", "two digits"),
    r"^[A-Z]$": Text("一个大写字母", "one capital letter"),
    _ENVIRONMENT_NAME: Text(
        "环境变量的名称（大写字母、数字和下划线），而不是其内容",
        "the name of an environment variable (capital letters, digits, underscores), not what it holds",
    ),
    r"^[^+#/$\s][^+#/\s]*(/[^+#/\s]+)*$": Text(
        "主题的各级，以 / 分隔，不含 +、#、$ 和空格，例如 houqin/hq",
        "levels of a topic with / between them, without +, #, $ and blanks, for example houqin/hq",
    ),
    r"^([^+#{}]*/)?\{device\}(/[^+#{}]*)?$": Text(
        "主题样式，恰有一级是 {device}，不含 +、#，例如 zigbee2mqtt/{device}",
        "a topic of which one level is {device}, without + and #, for example zigbee2mqtt/{device}",
    ),
    r"^https?://": Text("以 http:// 或 https:// 开头的地址", "an address that begins with http:// or https://"),
}

_TEXT: Final = Text("文字", "text")
_QUOTED: Final = Text(
    '编号等数字请加引号，并写全开头的 0，例如 "000012345678"',
    'put numbers that are names, such as a meter\'s, in quotes with all leading zeros, for example "000012345678"',
)
_WHOLE: Final = Text("整数", "a whole number")
_NUMBER: Final = Text("数字", "a number")
_TRUTH: Final = Text("true 或 false", "true or false")
_DAY: Final = Text("日期，例如 2026-10-01", "a date, for example 2026-10-01")
_LIST: Final = Text("列表", "a list")
_KEYS: Final = Text("一组键值", "a mapping of keys")

_EXPECTED: Final[Mapping[str, Text]] = {
    "string_type": _TEXT,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": Text("有限的数字", "a finite number"),
    "bool_type": _TRUTH,
    "bool_parsing": _TRUTH,
    "date_type": _DAY,
    "date_parsing": _DAY,
    "date_from_datetime_parsing": _DAY,
    "date_from_datetime_inexact": _DAY,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "dict_type": _KEYS,
    "mapping_type": _KEYS,
}

_BOUNDS: Final[Mapping[str, tuple[str, Text]]] = {
    "greater_than": ("gt", Text("应大于 {}", "expected above {}")),
    "greater_than_equal": ("ge", Text("应不小于 {}", "expected at least {}")),
    "less_than": ("lt", Text("应小于 {}", "expected below {}")),
    "less_than_equal": ("le", Text("应不大于 {}", "expected at most {}")),
    "string_too_long": ("max_length", Text("最多 {} 个字符", "expected at most {} characters")),
}


def wording(error: Mapping[str, Any], key: str) -> Wrong:
    """One entry of `ValidationError.errors()` about the value of `key`, in words. Unknown and missing keys are worded
    by `unknown_key` and `missing_key`, which need their neighbours.
    """
    kind = str(error["type"])
    if kind in _EXPECTED:
        return _not_a(_EXPECTED[kind], error, key)
    if kind in _BOUNDS:
        return _out_of_bounds(kind, error, key)
    return _SPECIAL.get(kind, _anything_else)(error, key)


def unknown_key(key: str, known: list[str]) -> Wrong:
    """A key that this entry does not have."""
    what = Text(f"不认识的键 `{key}`，可用：{listing(known)}", f"unknown key `{key}`; expected {listing(known)}")
    return Wrong(code="unknown_key", what=what, hint=did_you_mean(key, known))


def missing_key(key: str) -> Wrong:
    """A key that this entry needs."""
    return Wrong(code="missing_key", what=Text(f"缺少必需的键 `{key}`", f"required key `{key}` is missing"))


def unknown_word(key: str, value: object, known: list[str]) -> Wrong:
    """A word that is none of a fixed list."""
    what = Text(
        f"`{key}` 的值 `{shown(value)}` 不可用，应为其中之一：{listing(known)}",
        f"`{key}` is `{shown(value)}`; expected one of {listing(known)}",
    )
    return Wrong(code="unknown_word", what=what, hint=did_you_mean(str(value), known))


def shown(value: object) -> str:
    """A value as the file shows it, cut to a readable length; of an address not the user and password."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "{…}"
    if isinstance(value, list | tuple):
        return "[…]"
    text = _LOGIN.sub("//…@", str(value))
    return text if len(text) <= 60 else f"{text[:57]}…"


def _not_a(expected: Text, error: Mapping[str, Any], key: str) -> Wrong:
    value = shown(error.get("input"))
    what = Text(f"`{key}` 的值 `{value}` 不对，应为{expected.zh}", f"`{key}` is `{value}`; expected {expected.en}")
    is_number = isinstance(error.get("input"), int | float) and not isinstance(error.get("input"), bool)
    return Wrong(code="wrong_type", what=what, hint=_QUOTED if expected is _TEXT and is_number else None)


def _out_of_bounds(kind: str, error: Mapping[str, Any], key: str) -> Wrong:
    field, words = _BOUNDS[kind]
    limit = error["ctx"][field]
    bound = f"{limit:g}" if isinstance(limit, int | float) else str(limit)
    value = shown(error.get("input"))
    what = Text(
        f"`{key}` 的值 {value} 超出范围，{words.zh.format(bound)}", f"`{key}` is {value}; {words.en.format(bound)}"
    )
    return Wrong(code="out_of_range", what=what)


def _word(error: Mapping[str, Any], key: str) -> Wrong:
    return unknown_word(key, error.get("input"), words_expected(error))


def words_expected(error: Mapping[str, Any]) -> list[str]:
    """The words that a fixed list takes, out of pydantic's sentence about them."""
    expected = str(error["ctx"]["expected"])
    return re.findall(r"'([^']*)'", expected) or re.findall(r"[^\s,]+", expected.replace(" or ", ", "))


def tags_expected(error: Mapping[str, Any]) -> list[str]:
    """The words that say which sort an entry is of, out of pydantic's list of them."""
    return re.findall(r"'([^']*)'", str(error["ctx"]["expected_tags"]))


def _pattern(error: Mapping[str, Any], key: str) -> Wrong:
    expected = _PATTERNS.get(error["ctx"]["pattern"], Text("另一种写法", "another form"))
    if error["ctx"]["pattern"] == _ENVIRONMENT_NAME:  # what stands there may be the secret itself
        return Wrong(code="pattern", what=Text(f"`{key}` 应为{expected.zh}", f"`{key}` is not {expected.en}"))
    value = shown(error.get("input"))
    what = Text(f"`{key}` 的值 `{value}` 写法不对，应为{expected.zh}", f"`{key}` is `{value}`; expected {expected.en}")
    return Wrong(code="pattern", what=what)


def _empty(_: Mapping[str, Any], key: str) -> Wrong:
    return Wrong(code="empty", what=Text(f"`{key}` 不能为空", f"`{key}` is empty; expected some text"))


def _too_few(error: Mapping[str, Any], key: str) -> Wrong:
    least = error["ctx"]["min_length"]
    what = Text(f"`{key}` 至少要有 {least} 项", f"`{key}` has too few entries; expected at least {least}")
    return Wrong(code="empty", what=what)


def _anything_else(error: Mapping[str, Any], key: str) -> Wrong:
    value = shown(error.get("input"))
    if key == "timezone":
        what = Text(
            f"`timezone` 的值 `{value}` 不是时区名，应为 IANA 时区，例如 `Asia/Shanghai`",
            f"`timezone` is `{value}`, no time zone of the IANA database; expected for example `Asia/Shanghai`",
        )
        return Wrong(code="unknown_word", what=what, hint=did_you_mean(value, available_timezones()))
    what = Text(f"`{key}` 的值 `{value}` 不合要求", f"`{key}` is `{value}`, which does not fit here")
    return Wrong(code="wrong_value", what=what)


def _in_its_own_words(error: Mapping[str, Any], key: str) -> Wrong:
    """What an entry itself says of a value, in both languages."""
    ctx = error["ctx"]
    return Wrong(code="wrong_value", what=Text(f"`{key}`：{ctx['zh']}", f"`{key}`: {ctx['en']}"))


_SPECIAL: Final[Mapping[str, Callable[[Mapping[str, Any], str], Wrong]]] = {
    "literal_error": _word,
    "enum": _word,
    "string_pattern_mismatch": _pattern,
    "string_too_short": _empty,
    "too_short": _too_few,
    "wrong_value": _in_its_own_words,
}
