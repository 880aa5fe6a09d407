"""Reads profiles from the shipped folder and from a site's own, which overrides."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from facility.errors import ProfileError
from facility.profiles.coherence import faults_of
from facility.profiles.schema import Profile

SHIPPED: Final = Path(__file__).parent / "data"
SUFFIXES: Final = (".yaml", ".yml")


class ProfileLibrary(Mapping[str, Profile]):
    """All known profiles by id. A shipped one is read when it is asked for: a site waits for its own devices only.

    Args:
        extra: folder of the site's own `*.yaml` profiles, which override shipped ones; None for none. They are read at
            once, so that a mistake in one is told even where no device uses it.

    Raises:
        ProfileError: a file is not YAML or does not fit the schema; names the file and the place in it.
    """

    def __init__(self, extra: Path | None = None) -> None:
        self._own = {} if extra is None else _read_folder(extra)

    def __getitem__(self, profile: str) -> Profile:
        own = self._own.get(profile)
        return _shipped(profile) if own is None else own

    def __contains__(self, profile: object) -> bool:
        return profile in self._own or profile in _shipped_paths()

    def __iter__(self) -> Iterator[str]:
        return iter(dict.fromkeys((*_shipped_paths(), *self._own)))

    def __len__(self) -> int:
        return len(_shipped_paths().keys() | self._own.keys())


@cache
def _shipped_paths() -> Mapping[str, Path]:
    """The shipped files by id, which is their name."""
    return {path.stem: path for path in sorted(SHIPPED.glob("*.yaml"))}


@cache
def _shipped(profile: str) -> Profile:
    return read_profile(_shipped_paths()[profile])


def profile_files(folder: Path) -> list[Path]:
    """The profile files in a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES and path.is_file())


def _read_folder(folder: Path) -> dict[str, Profile]:
    found: dict[str, Profile] = {}
    for path in profile_files(folder):
        profile = read_profile(path)
        if profile.profile in found:
            raise ProfileError(f"two files in {folder.name} describe profile {profile.profile}; remove one of them")
        found[profile.profile] = profile
    return found


def read_profile(path: Path) -> Profile:
    """One profile file.

    Raises:
        ProfileError: not YAML, not the schema, its parts do not fit each other, or its id is not its file's name.
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
    fault = next((fault for fault in faults_of(profile) if not fault.shows_in_use), None)
    if fault is not None:
        place = ".".join(str(part) for part in fault.path)
        raise ProfileError(f"profile {path.name}: {place}: {fault.what.en}")
    return profile
