"""Which conditions are watched at a site: those that ship, changed as the site wants, and its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from controller.alarming.states import Manner
from facility.bus.messages import AlarmLevel
from facility.errors import PolicyError
from facility.model.alarm_entries import AlarmsEntry, ConditionChange, ConditionEntry, LimitChange, Limits

SHIPPED: Final = Path(__file__).parent / "conditions"
OTHER: Final = "other"
"""The condition of keys that no other is about."""

_ENTRIES: Final = TypeAdapter(tuple[ConditionEntry, ...])


@lru_cache(maxsize=1)
def shipped() -> Mapping[str, ConditionEntry]:
    """All conditions that ship, by id.

    Raises:
        PolicyError: a file of them is damaged, or an id is written twice.
    """
    found: dict[str, ConditionEntry] = {}
    for path in sorted(SHIPPED.glob("*.yaml")):
        for entry in read_conditions(path):
            if entry.id in found:
                raise PolicyError(f"alarm conditions {path.name}: {entry.id} is written twice")
            found[entry.id] = entry
    return found


def read_conditions(path: Path) -> Sequence[ConditionEntry]:
    """One file of conditions.

    Raises:
        PolicyError: not YAML, or not conditions; names the file and the place.
    """
    try:
        return _ENTRIES.validate_python(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
    except (YAMLError, OSError) as error:
        raise PolicyError(f"alarm conditions {path.name} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyError(f"alarm conditions {path.name}: {place}: {first['msg']}") from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The conditions that a site watches. `off` are the ids it switched off."""

    conditions: Mapping[str, ConditionEntry]
    off: frozenset[str] = frozenset()

    def of_key(self, key: str) -> ConditionEntry | None:
        """The condition that alarms of `key` are of: the one with the longest fitting beginning. None where the site
        switched it off.
        """
        best: tuple[int, ConditionEntry] | None = None
        for entry in self.conditions.values():
            for beginning in beginnings(entry):
                if key.startswith(beginning) and (best is None or len(beginning) > best[0]):
                    best = len(beginning), entry
        if best is None or best[1].id in self.off:
            return None
        return best[1]

    def watched(self) -> Iterator[ConditionEntry]:
        """Those that are about points and have what they need."""
        for entry in self.conditions.values():
            if entry.id not in self.off and not entry.select.is_empty and entry.limits.is_set and _is_whole(entry):
                yield entry

    def parameter(self, condition: str, name: str) -> float | None:
        """A number of a condition that ships; None where the condition is switched off."""
        return None if condition in self.off else self.conditions[condition].parameters[name]


def beginnings(entry: ConditionEntry) -> tuple[str, ...]:
    """How the keys of a condition's alarms begin."""
    return entry.keys or (f"{entry.id}:",)


def _is_whole(entry: ConditionEntry) -> bool:
    return entry.besides.is_empty or entry.besides_limits.is_set


def manner_of(entry: ConditionEntry) -> Manner:
    """How a condition's alarms behave."""
    return Manner(acknowledge=entry.acknowledge, latching=entry.latching)


def level_of(entry: ConditionEntry, reported: AlarmLevel) -> AlarmLevel:
    """The level of a condition's alarms: the site's or its own, else as reported."""
    return reported if entry.level is None else AlarmLevel(entry.level)


def catalogue_of(entry: AlarmsEntry) -> Catalogue:
    """What a checked site file says about the conditions that ship. Ids that do not ship are passed over here:
    `houqin check` tells them.
    """
    found = {
        name: changed(condition, entry.change[name]) if name in entry.change else condition
        for name, condition in shipped().items()
    }
    found |= {own.id: own for own in entry.own if own.id not in found}
    return Catalogue(conditions=found, off=frozenset(entry.off))


def changed(condition: ConditionEntry, change: ConditionChange) -> ConditionEntry:
    """A condition with the site's wishes; what a wish leaves out stays."""
    plain = change.model_dump(exclude_none=True, exclude={"limits", "besides_limits", "parameters"})
    return condition.model_copy(
        update=plain
        | {
            "limits": _limits(condition.limits, change.limits),
            "besides_limits": _limits(condition.besides_limits, change.besides_limits),
            "parameters": condition.parameters | change.parameters,
        }
    )


def _limits(limits: Limits, change: LimitChange) -> Limits:
    return limits.model_copy(update=change.model_dump(exclude_none=True))
