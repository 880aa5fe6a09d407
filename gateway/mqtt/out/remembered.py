"""What an earlier life put on the broker: what is to be taken away again, and alarms that nobody will say anew."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from facility.spool.disk import Disk

FILE: Final = "announced.json"

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """`topics`: all on which the broker keeps something. `components`: topic of an announcement -> component ->
    platform. `alarms`: topic -> what stands on it.
    """

    topics: frozenset[str] = frozenset()
    components: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    alarms: Mapping[str, str] = field(default_factory=dict)


def read_remembered(folder: Path) -> Remembered:
    """What was kept; nothing where there is no such file or it cannot be understood: then old topics stay with the
    broker until somebody clears them.
    """
    try:
        content: Any = orjson.loads((folder / FILE).read_bytes())
        return Remembered(
            topics=frozenset(str(topic) for topic in content["topics"]),
            components={
                str(topic): {str(key): str(platform) for key, platform in known.items()}
                for topic, known in content["components"].items()
            },
            alarms={str(topic): str(payload) for topic, payload in content["alarms"].items()},
        )
    except FileNotFoundError:
        return Remembered()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s cannot be read, topics of earlier are not cleared: %s", folder / FILE, error)
        return Remembered()


def write_remembered(folder: Path, remembered: Remembered) -> None:
    """Keeps it; that this is not possible is told, and costs no more than topics that stay.

    Blocks for as long as the disk takes.
    """
    content = {
        "topics": sorted(remembered.topics),
        "components": remembered.components,
        "alarms": remembered.alarms,
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Disk().replace(folder / FILE, orjson.dumps(content))
    except OSError as error:
        _log.warning("%s cannot be written: %s", folder / FILE, error)
