"""The presets that ship with the product; the one place of the policy that opens files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from controller.policy.schema import Parameters, Preset
from facility.errors import PolicyError

SHIPPED: Final = Path(__file__).parent / "presets"
DEFAULT_PRESET: Final = "hunan_bureau_2022"


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
        preset = Preset.model_validate(YAML(typ="safe").load(path.read_text(encoding="utf-8")))
        Parameters.model_validate(preset.parameters)
    except (YAMLError, OSError) as error:
        raise PolicyError(f"preset {path.name} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise PolicyError(f"preset {path.name}: {place}: {first['msg']}") from error
    for rule, entry in preset.rules.items():
        if entry.clause not in preset.clauses:
            raise PolicyError(f"preset {path.name}: rule {rule} rests on {entry.clause}, which is not quoted")
    return preset
