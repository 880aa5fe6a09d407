"""Reads profiles from the shipped folder and from a site's own, which overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from facility.errors import ProfileError
from facility.profiles.schema import Profile

SHIPPED: Final = Path(__file__).parent / "data"


class ProfileLibrary(Mapping[str, Profile]):
    """All known profiles by id.

    Args:
        extra: folder of the site's own `*.yaml` profiles, which override shipped ones; None for none.

    Raises:
        ProfileError: a file is not YAML or does not fit the schema; names the file and the place in it.
    """

    def __init__(self, extra: Path | None = None) -> None:
        self._profiles = dict(_shipped())
        if extra is not None:
            self._profiles.update(_read_folder(extra))

    def __getitem__(self, profile: str) -> Profile:
        return self._profiles[profile]

    def __iter__(self) -> Iterator[str]:
        return iter(self._profiles)

    def __len__(self) -> int:
        return len(self._profiles)


@lru_cache(maxsize=1)
def _shipped() -> Mapping[str, Profile]:
    return _read_folder(SHIPPED)


def _read_folder(folder: Path) -> dict[str, Profile]:
    return {profile.profile: profile for profile in map(read_profile, sorted(folder.glob("*.yaml")))}


def read_profile(path: Path) -> Profile:
    """One profile file.

    Raises:
        ProfileError: not YAML, not the schema, or its id is not its file's name.
    """
    try:
        data = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
        profile = Profile.model_validate(data)
    except (YAMLError, OSError) as error:
        raise ProfileError(f"profile {path.name} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ProfileError(f"profile {path.name}: {place}: {first['msg']}") from error
    if profile.profile != path.stem:
        raise ProfileError(f"profile {path.name} says it is {profile.profile!r}; file and id must agree")
    return profile
