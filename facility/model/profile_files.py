"""Checks a profile file and tells everything that is wrong with it, each with its line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from facility.model.located import TOP, Node, Parsed, parse
from facility.model.near import did_you_mean
from facility.model.problems import Problem
from facility.model.validation import key_place_of, mistakes, place_of
from facility.profiles.coherence import faults_of
from facility.profiles.loader import profile_files
from facility.profiles.schema import Profile
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProfile:
    """What came of a profile file; `profile` is None where there is a problem."""

    profile: Profile | None
    problems: tuple[Problem, ...]


def check_profile(path: Path, *, of_site: bool = False) -> CheckedProfile:
    """Reads one profile file; mistakes are problems, never exceptions. `of_site`: without those that the check of the
    site tells where the profile is used.
    """
    try:
        parsed = parse(path.read_bytes(), path.name)
    except OSError as error:
        why = error.strerror or type(error).__name__
        parsed = Parsed(file=path.name)
        parsed.report(TOP, "file", Text(f"打不开文件 {path}", f"the file {path} cannot be opened: {why}"))
    profile = None if parsed.root is None else _validated(parsed.root, parsed)
    if profile is not None:
        _check_name(profile, path, parsed)
        _check_coherence(profile, parsed, of_site=of_site)
    problems = tuple(sorted(parsed.problems, key=lambda problem: (problem.line, problem.column, problem.code)))
    return CheckedProfile(profile=None if problems else profile, problems=problems)


def _validated(root: Node, parsed: Parsed) -> Profile | None:
    if not isinstance(root.value, dict):
        what = Text("文件应为一组键值", "the file is expected to be a mapping of keys")
        parsed.report(root.place, "wrong_type", what)
        return None
    try:
        return Profile.model_validate(root.plain())
    except ValidationError as error:
        for mistake in mistakes(error, Profile, "profile"):
            place = key_place_of(root, mistake.loc) if mistake.at_key else place_of(root, mistake.loc)
            parsed.report(place, mistake.wrong.code, mistake.wrong.what, mistake.wrong.hint)
        return None


def _check_name(profile: Profile, path: Path, parsed: Parsed) -> None:
    if profile.profile == path.stem:
        return
    assert parsed.root is not None
    what = Text(
        f"文件名为 `{path.stem}`，模板编号为 `{profile.profile}`，两者须一致",
        f"the file is `{path.stem}` and says it is `{profile.profile}`; both must be the same",
    )
    parsed.report(place_of(parsed.root, ("profile",)), "profile_name", what)


def _check_coherence(profile: Profile, parsed: Parsed, *, of_site: bool) -> None:
    assert parsed.root is not None
    for fault in faults_of(profile):
        if of_site and fault.shows_in_use:
            continue
        hint = None if fault.word is None else did_you_mean(fault.word, fault.known)
        parsed.report(place_of(parsed.root, fault.path), "profile", fault.what, hint)


def check_folder(folder: Path) -> list[Problem]:
    """Every mistake in a folder of profiles; files are named with their folder."""
    problems: list[Problem] = []
    seen: dict[str, Path] = {}
    for path in profile_files(folder):
        checked = check_profile(path, of_site=True)
        problems += [replace(problem, file=f"{folder.name}/{problem.file}") for problem in checked.problems]
        other = seen.setdefault(path.stem, path)
        if other is not path:
            twice = Parsed(file=f"{folder.name}/{path.name}")
            what = Text(
                f"{other.name} 与 {path.name} 是同一模板 `{path.stem}`，只能留一个",
                f"{other.name} and {path.name} are one profile, `{path.stem}`; keep one of them",
            )
            twice.report(TOP, "profile_twice", what)
            problems += twice.problems
    return problems
