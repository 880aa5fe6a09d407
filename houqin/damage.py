"""What was found damaged when the site's memory was opened, as alarms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from facility.bus import AlarmChanged
from facility.bus.messages import AlarmLevel
from facility.store.embedded import EmbeddedStore
from facility.text import Text
from houqin.house import Memory


def damage_alarms(memory: Memory, at: datetime) -> Iterable[AlarmChanged]:
    """An alarm for each file that was moved aside because it could not be read. They stay until a person ends them."""
    store = memory.store.set_aside if isinstance(memory.store, EmbeddedStore) else None
    found = (
        ("memory.readings_damaged", Text("历史读数", "readings"), store),
        ("memory.records_damaged", Text("记录", "records"), memory.journal.set_aside),
    )
    return [_alarm(key, what, moved, at) for key, what, moved in found if moved is not None]


def _alarm(key: str, what: Text, moved: Path, at: datetime) -> AlarmChanged:
    return AlarmChanged(
        key=key,
        active=True,
        level=AlarmLevel.SERIOUS,
        at=at,
        text=Text(
            f"{what.zh}文件损坏,已移至 {moved.name},系统以新文件继续运行;请用最近一次备份恢复(houqin restore)",
            f"the file of the {what.en} was damaged and moved aside as {moved.name}; the site goes on with a new one: "
            "restore the last backup (houqin restore)",
        ),
        equipment=None,
    )
