"""Puts things worth telling into a message that people read, in Chinese, in English, or in both."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

from controller.notifying.message import ITEM, Composed, Item, Kind, rank
from facility.bus.messages import AlarmLevel
from facility.journal.documents import document_of
from facility.text import Text

Tongue = Literal["zh", "en", "both"]

LEVELS: Final[Mapping[AlarmLevel, Text]] = {
    AlarmLevel.INFO: Text("提示", "info"),
    AlarmLevel.WARNING: Text("警告", "warning"),
    AlarmLevel.SERIOUS: Text("严重", "serious"),
    AlarmLevel.CRITICAL: Text("紧急", "critical"),
}
KINDS: Final[Mapping[Kind, Text]] = {
    Kind.RAISED: Text("报警", "alarm"),
    Kind.ESCALATED: Text("未确认，升级通知", "not acknowledged, escalated"),
    Kind.ENDED: Text("已恢复", "over"),
    Kind.REMINDER: Text("提醒", "reminder"),
    Kind.TRIAL: Text("测试", "trial"),
}
MOST_TOLD: Final = 20
"""A message tells so many things; of the rest it says how many there are."""


def compose(
    items: Sequence[Item], *, ids: Sequence[str], tongue: Tongue, site: Text, zone: ZoneInfo, over: Collection[str]
) -> Composed:
    """One message about all of `items`, the gravest first.

    Args:
        ids: what each of the items is known by in the outbox.
        over: keys of alarms that are over meanwhile.
    """
    ordered = sorted(items, key=lambda item: (-rank(item.level), item.at))
    shown, rest = ordered[:MOST_TOLD], len(ordered) - MOST_TOLD
    lines = [_line(item, zone, item.kind is not Kind.ENDED and item.key in over) for item in shown]
    if rest > 0:
        lines.append(Text(f"另有 {rest} 条，见报警页", f"and {rest} more, see the alarm page"))
    return Composed(
        id=hashlib.sha256("\n".join(ids).encode()).hexdigest()[:32],
        title=_said(_title(ordered, site), tongue, " / "),
        lines=[_said(line, tongue, "\n") for line in lines],
        level=ordered[0].level,
        items=[_document(item, identity, over) for item, identity in zip(items, ids, strict=True)],
    )


def _title(items: Sequence[Item], site: Text) -> Text:
    first, count = items[0], len(items)
    level, kind = LEVELS[first.level], KINDS[first.kind]
    if count == 1:
        return Text(f"【{level.zh}】{site.zh}：{kind.zh}", f"[{level.en}] {site.en}: {kind.en}")
    return Text(f"【{level.zh}】{site.zh}：{count} 条通知", f"[{level.en}] {site.en}: {count} notices")


def _line(item: Item, zone: ZoneInfo, is_over: bool) -> Text:
    at = item.at.astimezone(zone).strftime("%m-%d %H:%M")
    level, kind = LEVELS[item.level], KINDS[item.kind]
    zh, en = f"{at} [{level.zh}·{kind.zh}] {item.text.zh}", f"{at} [{level.en}, {kind.en}] {item.text.en}"
    if is_over:
        zh, en = f"{zh}（现已恢复）", f"{en} (over by now)"
    for words, part in ((Text("负责", "with"), item.owner), (Text("处理", "do"), item.advice)):
        if part.zh and item.kind is not Kind.ENDED:
            zh, en = f"{zh}；{words.zh}：{part.zh}", f"{en}; {words.en}: {part.en}"
    if item.to is not None and item.to.zh:
        zh, en = f"{zh}；通知：{item.to.zh}", f"{en}; to: {item.to.en}"
    return Text(zh, en)


def _said(text: Text, tongue: Tongue, between: str) -> str:
    return f"{text.zh}{between}{text.en}" if tongue == "both" else text.in_language(tongue)


def _document(item: Item, identity: str, over: Collection[str]) -> dict[str, Any]:
    document: dict[str, Any] = document_of(ITEM, item)
    return {**document, "id": identity, "over": item.key in over}


def cut(text: str, most_bytes: int) -> str:
    """`text` within so many bytes of UTF-8, whole characters, ending in an ellipsis where something is left out."""
    encoded = text.encode()
    if len(encoded) <= most_bytes:
        return text
    return encoded[: most_bytes - 3].decode(errors="ignore") + "…"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time as people of the site write it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
