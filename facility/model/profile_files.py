"""Checks a profile file and tells everything that is wrong with it, each with its line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from facility.model.located import TOP, Node, Parsed, parse
from facility.model.near import did_you_mean
from facility.model.problems import Problem, Severity
from facility.model.validation import key_place_of, mistakes, place_of
from facility.profiles.coherence import faults_of
from facility.profiles.loader import profile_files
from facility.profiles.registers import RegisterValue, Table
from facility.profiles.schema import Profile
from facility.text import Text

_MAKERS_FIRST: Final = {Table.HOLDING: 40001, Table.INPUT: 30001}
_MAKERS_COUNT: Final = 9999
"""Where makers begin to number a table, and how many numbers of five digits it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedProfile:
    """What came of a profile file; `profile` is None where there is an error. Warnings leave it usable."""

    profile: Profile | None
    problems: tuple[Problem, ...]


def check_profile(path: Path, *, of_site: bool = False) -> CheckedProfile:
    """Reads one profile file; mistakes are problems, never exceptions. `of_site`: without those that the check of the
    site tells where the profile is used, and without warnings.
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
        if not of_site:
            _check_notation(profile, parsed)
    problems = tuple(sorted(parsed.problems, key=lambda problem: (problem.line, problem.column, problem.code)))
    is_wrong = any(problem.severity is Severity.ERROR for problem in problems)
    return CheckedProfile(profile=None if is_wrong else profile, problems=problems)


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


def _check_notation(profile: Profile, parsed: Parsed) -> None:
    """Warns where every address looks like one of the maker's table (40001, 30001), which counts from 1 and says the
    table by its first digit; the wire counts from 0 (Modbus Application Protocol V1.1b3, section 4.4).
    """
    assert parsed.root is not None
    marks = () if profile.identify is None else profile.identify.registers
    if not profile.modbus or not all(_is_makers(value) for value in (*profile.modbus, *profile.nameplate, *marks)):
        return
    first = profile.modbus[0].address
    wire = first - _MAKERS_FIRST[profile.modbus[0].table]
    what = Text(
        f"地址都像说明书的 4xxxx/3xxxx 编号；协议地址从 0 开始（40001、30001 即 0），若是如此 {first} 应写 {wire}",
        f"every address looks like a manual's 4xxxx or 3xxxx number; on the wire they begin at 0 (40001 and 30001 are "
        f"0), so {first} would be {wire}",
    )
    place = place_of(parsed.root, ("modbus", 0, "address"))
    parsed.report(place, "address_notation", what, severity=Severity.WARNING)


def _is_makers(value: RegisterValue) -> bool:
    first = _MAKERS_FIRST.get(value.table)
    return first is not None and first <= value.address < first + _MAKERS_COUNT


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
