"""Opens a site file and tells everything that is wrong with it in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from facility.errors import ProfileError
from facility.model.check import check
from facility.model.entries import MqttLink, SiteFile
from facility.model.located import TOP, Node, Parsed, Place, parse
from facility.model.problems import Problem, Severity
from facility.model.profile_files import check_folder
from facility.model.site import Site, build_site
from facility.model.templates import expand
from facility.model.validation import SINGLE, Draft, place_of, validate
from facility.profiles import ProfileLibrary
from facility.profiles.schema import Profile
from facility.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What came of a site file.

    `site` is None when there is an error, `file` None when an entry does not fit its schema. `readable` holds what does
    fit, for checks that look at the policy alone; None when the policy itself does not. `problems` come in the file's
    order.
    """

    path: Path
    site: Site | None
    file: SiteFile | None
    problems: tuple[Problem, ...]
    readable: SiteFile | None = field(default=None, repr=False)
    root: Node | None = field(default=None, repr=False)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep the site from running."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    def place(self, path: Sequence[str | int]) -> Place:
        """Where the value at `path` (keys and list indices into the expanded file) is written."""
        return TOP if self.root is None else place_of(self.root, path)

    def problem(
        self,
        path: Sequence[str | int],
        code: str,
        what: Text,
        hint: Text | None = None,
        *,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """A Problem about the value at `path`, for checks that live elsewhere."""
        told = Parsed(file=self.path.name)
        told.report(self.place(path), code, what, hint, severity=severity)
        return told.problems[0]


def load_site(path: Path, *, library: ProfileLibrary | None = None) -> Loaded:
    """Reads a site file and everything it needs; mistakes are problems, never exceptions.

    Args:
        path: the site file. Profiles of the site's own are taken from `profiles/` beside it.
        library: profiles to use instead.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        what = Text(f"打不开文件 {path}", f"the file {path} cannot be opened: {error.strerror or type(error).__name__}")
        told = Parsed(file=path.name)
        told.report(TOP, "file", what)
        return Loaded(path=path, site=None, file=None, problems=tuple(told.problems))
    parsed = parse(raw, path.name)
    profiles: Mapping[str, Profile] = library if library is not None else _library(path.parent / "profiles", parsed)
    return _loaded(path, parsed, profiles)


def _library(folder: Path, parsed: Parsed) -> ProfileLibrary:
    if not folder.is_dir():
        return ProfileLibrary()
    problems = check_folder(folder)
    parsed.problems.extend(problems)
    try:
        return ProfileLibrary(folder)
    except ProfileError as error:
        if not problems:
            what = Text("站点自带的设备模板有错，未采用", f"the site's own profiles are not used: {error.message}")
            parsed.report(TOP, "profile_file", what)
        return ProfileLibrary()


def _loaded(path: Path, parsed: Parsed, profiles: Mapping[str, Profile]) -> Loaded:
    if parsed.root is None:
        return Loaded(path=path, site=None, file=None, problems=_in_order(parsed))
    root = expand(parsed.root, parsed)
    draft = validate(root, parsed)
    fits_schema = not parsed.problems
    check(draft, profiles, path.parent)
    problems = _in_order(parsed)
    file = _anchored(SiteFile.model_validate(root.plain()), path.parent) if fits_schema else None
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    site = build_site(file, profiles) if file is not None and not has_errors else None
    readable = file if file is not None else _readable(draft)
    return Loaded(path=path, site=site, file=file, problems=problems, root=root, readable=readable)


def _anchored(file: SiteFile, folder: Path) -> SiteFile:
    """The same with the paths of its links going from the site file's folder."""
    links = {name: link.anchored(folder) if isinstance(link, MqttLink) else link for name, link in file.links.items()}
    return file.model_copy(update={"links": links})


def _readable(draft: Draft) -> SiteFile | None:
    """The entries that fit their schema as a site file, None when its policy is not among them."""
    if draft.root.child("policy") is not None and "policy" not in draft.entries:
        return None
    found = {section: [valid.entry for valid in valids] for section, valids in draft.entries.items()}
    links = {str(valid.path[-1]): valid.entry for valid in draft.entries.get("links", ())}
    values: dict[str, Any] = {
        section: found[section][0] if section in SINGLE else tuple(found[section])
        for section in found
        if section != "links"
    }
    return SiteFile.model_construct(**{**values, "links": links})


def _in_order(parsed: Parsed) -> tuple[Problem, ...]:
    return tuple(sorted(parsed.problems, key=lambda problem: (problem.line, problem.column, problem.code)))
