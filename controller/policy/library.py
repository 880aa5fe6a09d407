"""The presets that ship with the product; the one place of the policy that opens files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from controller.policy.rules.reading import filled
from controller.policy.rules.schema import Rule
from controller.policy.schema import Parameters, Preset
from facility.errors import PolicyError

SHIPPED: Final = Path(__file__).parent / "presets"
DEFAULT_PRESET: Final = "hunan_bureau_2022"
_INHERITED: Final = ("parameters", "values", "open", "rules", "elsewhere", "clauses")


@lru_cache(maxsize=1)
def presets() -> Mapping[str, Preset]:
    """All shipped presets by id.

    Raises:
        PolicyError: a preset file is damaged; names the file and the place in it.
    """
    found = (read_preset(path) for path in sorted(SHIPPED.glob("*.yaml")))
    return {preset.preset: preset for preset in found}


def read_preset(path: Path) -> Preset:
    """One preset file, checked: its rules rest on clauses it quotes, its parameters exist.

    Raises:
        PolicyError: not YAML, not the schema, or a clause that is not quoted.
    """
    try:
        preset = Preset.model_validate(_written(path))
        Parameters.model_validate(preset.parameters)
        _check_data_rules(preset)
    except (YAMLError, OSError) as error:
        raise PolicyError(f"preset {path.name} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyError(f"preset {path.name}: {place}: {first['msg']}") from error
    for what, clause in _cited(preset):
        if clause not in preset.clauses:
            raise PolicyError(f"preset {path.name}: {what} rests on {clause}, which is not quoted")
    return preset


def _written(path: Path) -> dict[str, Any]:
    """What the file says, laid over the preset that it is like."""
    own: dict[str, Any] = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    if not isinstance(own, dict) or "like" not in own:
        return own
    base = _written(path.parent / f"{own['like']}.yaml")
    merged = {key: {**base.get(key, {}), **own.get(key, {})} for key in _INHERITED}
    rules = {rule["id"]: rule for rule in (*base.get("data_rules", ()), *own.get("data_rules", ()))}
    return {**base, **own, **merged, "data_rules": list(rules.values())}


def _check_data_rules(preset: Preset) -> None:
    defaults = Parameters().model_dump()
    examples = {name: entry.example for name, entry in preset.open.items()}
    for raw in preset.data_rules:
        Rule.model_validate(filled(raw, {**defaults, **preset.parameters, **examples, **preset.values}))


def _cited(preset: Preset) -> Iterator[tuple[str, str]]:
    yield from ((f"rule {name}", entry.clause) for name, entry in preset.rules.items())
    yield from ((f"rule {raw['id']}", str(raw["clause"])) for raw in preset.data_rules)
    yield from ((f"open value {name}", entry.clause) for name, entry in preset.open.items())
    yield from ((f"elsewhere {clause}", clause) for clause in preset.elsewhere)
