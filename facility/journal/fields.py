"""The parts of an entry: what each may be, the column it is kept in, and its name for people."""

from __future__ import annotations

import math
import operator
import types
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from numbers import Real
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from sqlalchemy import BigInteger, Boolean, Column, Date, Double
from sqlalchemy.types import TypeEngine

from facility.errors import EntryRefused
from facility.journal.words import STRANGE, Words
from facility.text import Text

_LONGEST: Final = 2000
_LAST_US: Final = 253_370_764_800_000_000
"""The year 9999 begins: no time from here on can be told."""

NAMES: Final[dict[str, Text]] = {
    "meter": Text("计量点", "meter"),
    "at_us": Text("时间", "time"),
    "start_us": Text("开始时间", "start"),
    "end_us": Text("结束时间", "end"),
    "closing": Text("旧表止码", "closing value"),
    "opening": Text("新表起码", "opening value"),
    "factor": Text("倍率", "factor"),
    "counter_max": Text("表计满量程", "counter_max"),
    "serial": Text("表号", "serial number"),
    "value": Text("读数", "value"),
    "amount": Text("数量", "amount"),
    "accepted": Text("是否认可", "accepted"),
    "office": Text("科室", "office"),
    "since": Text("起始日期", "since"),
    "share": Text("分摊比例", "share"),
    "people": Text("用能人数", "people"),
    "leaders": Text("领导干部人数", "leaders"),
    "area_m2": Text("建筑面积", "floor area"),
    "medium": Text("能源品种", "medium"),
    "item": Text("分项", "item"),
    "per": Text("定额单位", "per"),
    "period": Text("周期", "period"),
    "source": Text("依据", "source"),
    "tariff": Text("电价表", "tariff"),
    "price": Text("价格", "price"),
    "factors": Text("折算系数表", "factor set"),
    "fuel": Text("燃料", "fuel"),
    "month": Text("月份", "month"),
    "of_month": Text("所更正的月份", "month corrected"),
    "cost_yuan": Text("金额(元)", "cost in yuan"),
    "kind": Text("方向", "kind"),
    "reason": Text("原因", "reason"),
}


def refused(field: str, zh: str, en: str) -> EntryRefused:
    """The error that says what is wrong with one part of an entry."""
    name = NAMES[field]
    return EntryRefused(Text(f"{name.zh}{zh}", f"{name.en} {en}"), field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryField:
    """One part of an entry. `choices` are the only values it may have, () when they are not numbered."""

    name: str
    kind: type
    optional: bool
    choices: tuple[str, ...] = ()

    def column(self) -> Column[Any]:
        """The column that holds it."""
        return Column(self.name, _COLUMNS[_held_as(self.kind)](), nullable=self.optional)

    def kept(self, value: Any) -> Any:
        """`value` as the column holds it.

        Raises:
            EntryRefused: it is not of the kind, not finite, not among the choices, or text that is blank or cannot be
                kept.
        """
        if value is None:
            if self.optional:
                return None
            raise refused(self.name, "必须填写", "is needed")
        return _KEPT[_held_as(self.kind)](self, value)

    def restored(self, held: Any) -> Any:
        """The value again."""
        return self.kind(held) if held is not None and issubclass(self.kind, StrEnum) else held


def fields_of(entry: type) -> tuple[EntryField, ...]:
    """The parts of one kind of entry, from its annotations."""
    hints = get_type_hints(entry)
    return tuple(_field(item.name, hints[item.name]) for item in fields(entry))


def _field(name: str, hint: Any) -> EntryField:
    optional = get_origin(hint) in (Union, types.UnionType)
    if optional:
        (hint,) = (part for part in get_args(hint) if part is not type(None))
    if get_origin(hint) is Literal:
        return EntryField(name=name, kind=str, optional=optional, choices=get_args(hint))
    choices = tuple(hint) if issubclass(hint, StrEnum) else ()
    return EntryField(name=name, kind=hint, optional=optional, choices=choices)


def _held_as(kind: type) -> type:
    return str if issubclass(kind, StrEnum) else kind


def _kept_text(field: EntryField, value: Any) -> str:
    if field.choices and value not in field.choices:
        known = ", ".join(field.choices)
        raise refused(field.name, f"只能是 {known},不能是 {value!r}", f"is one of {known}, not {value!r}")
    if not isinstance(value, str) or not value.strip():
        raise refused(field.name, "必须填写", "is needed")
    if len(value) > _LONGEST or STRANGE.search(value):
        raise refused(
            field.name, f"超过 {_LONGEST} 字或含有无法保存的字符",
            f"is longer than {_LONGEST} characters or has some that cannot be kept",
        )  # fmt: skip
    return str(value)


def _kept_number(field: EntryField, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, Real) or not math.isfinite(value):
        raise refused(field.name, f"必须是数字,不能是 {value!r}", f"is a finite number, not {value!r}")
    return float(value)


def _kept_whole_number(field: EntryField, value: Any) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = -1
    if isinstance(value, bool) or not 0 <= number < _LAST_US:
        raise refused(
            field.name, f"必须是不小于 0 的整数,不能是 {value!r}", f"is a whole number from 0 on, not {value!r}"
        )
    return number


def _kept_truth(field: EntryField, value: Any) -> bool:
    if not isinstance(value, bool):
        raise refused(field.name, f"只能是是或否,不能是 {value!r}", f"is true or false, not {value!r}")
    return value


def _kept_date(field: EntryField, value: Any) -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise refused(field.name, f"必须是日期,不能是 {value!r}", f"is a date, not {value!r}")
    return value


_KEPT: Final = {
    str: _kept_text, float: _kept_number, int: _kept_whole_number, bool: _kept_truth, date: _kept_date
}  # fmt: skip
_COLUMNS: Final[dict[type, type[TypeEngine[Any]]]] = {
    str: Words, float: Double, int: BigInteger, bool: Boolean, date: Date
}  # fmt: skip
