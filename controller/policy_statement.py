"""States the policy in force for readers: rule by rule, with the sentence each rests on."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from pydantic import TypeAdapter

from controller.policy.in_force import in_force
from controller.policy.library import presets
from controller.policy.schema import Preset
from controller.policy.site_policy import SitePolicy
from facility.errors import StoreUnavailable
from facility.journal import Journal
from facility.model import Site
from facility.rule_statement import STATE_KEY, Places, PolicyStatement, StatedPreset, StatedRule
from facility.text import Text

log = logging.getLogger(__name__)

STATEMENT: Final = TypeAdapter(PolicyStatement)


def statement(policy: SitePolicy, site: Site, stated: datetime) -> PolicyStatement:
    """What is in force, stated at `stated`."""
    return PolicyStatement(
        stated=stated,
        preset=policy.preset,
        rules=tuple(rule for row in in_force(policy, site) for rule in _stated(row)),
        presets=tuple(_preset(preset) for preset in presets().values()),
    )


def _stated(row: Mapping[str, Any]) -> Iterator[StatedRule]:
    """A row of the rules in force, once for each class it holds for; one that names none, or all, once."""
    scope = row["scope"]
    places = Places(**{name: tuple(scope.get(name, ())) for name in Places.__dataclass_fields__})
    bound = row["classes"] if row["effect"] != "elsewhere" and not places.kinds else scope.get("classes", ())
    is_advice = row["effect"] == "remind" or row["severity"] == "advise"
    for zone_class in bound or (None,):
        yield StatedRule(
            zone_class=zone_class,
            rule=row["rule"],
            title=Text(**row["name"]),
            effect="advise" if is_advice else row["effect"],
            severity=row["severity"],
            preset=row["preset"],
            clause=row["clause"],
            document=row["document"],
            quote=row["quote"],
            reading=row["reading"],
            parameters={name: _shown(value) for name, value in row["parameters"].items() if value is not None},
            places=places,
            why_not=None if row["why_not"] is None else Text(**row["why_not"]),
        )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:g}" if isinstance(value, float | int) else str(value)


def _preset(preset: Preset) -> StatedPreset:
    numbers = {name: value for name, value in preset.parameters.items() if isinstance(value, str | float | int | bool)}
    classes = tuple(zone_class.value for zone_class in preset.classes)
    return StatedPreset(preset=preset.preset, name=preset.name.text, parameters=numbers, classes=classes)


def state_policy(journal: Journal, policy: SitePolicy, site: Site, now: datetime) -> bool:
    """Keeps the statement of the policy in force in the journal, where it differs from what stands there; whether it
    did. A journal that is away keeps nobody from controlling the building: it is told in the log.
    """
    try:
        held = journal.load_state(STATE_KEY)
        told = STATEMENT.dump_python(statement(policy, site, now), mode="json")
        if isinstance(held, dict) and {**held, "stated": None} == {**told, "stated": None}:
            return False
        journal.save_state(STATE_KEY, told)
    except StoreUnavailable as error:
        log.warning("the policy in force could not be stated for readers: %s", error)
        return False
    return True
