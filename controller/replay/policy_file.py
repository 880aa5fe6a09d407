"""A file that holds a `policy:` section, as the site file does, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Final

from controller.policy.site_policy import check_policy
from facility.errors import SiteFileError
from facility.model import SiteFile
from facility.model.entries import PolicyEntry
from facility.model.located import TOP, Node, Parsed, parse
from facility.model.problems import Problem
from facility.model.validation import REQUIRED, Draft, place_of, validate
from facility.text import Text
from facility.trials import PolicyChoice

SECTION: Final = "policy"


def read_choice(path: Path, file: SiteFile) -> PolicyChoice:
    """The policy in the file at `path`, tried against the site; it goes by the file's name.

    Raises:
        SiteFileError: the file has mistakes; carries all of them, each with its place.
    """
    parsed = _parsed(path)
    root = parsed.root
    if root is not None and not parsed.problems:
        entry = _entry(root, parsed)
        if entry is not None:
            _check_sense(root, parsed, file.model_copy(update={SECTION: entry}))
            if not parsed.problems:
                section = root.child(SECTION)
                assert section is not None
                return PolicyChoice(name=path.stem, policy=section.plain())
    raise SiteFileError(f"{path} has mistakes; nothing was tried", problems=tuple(parsed.problems))


def _parsed(path: Path) -> Parsed:
    try:
        return parse(path.read_bytes(), path.name)
    except OSError as error:
        parsed = Parsed(file=path.name)
        parsed.report(TOP, "file", Text(f"打不开文件 {path}", f"the file {path} cannot be opened: {error.strerror}"))
        return parsed


def _entry(root: Node, parsed: Parsed) -> PolicyEntry | None:
    """The section, None when it is missing, does not fit its schema or is not alone; the mistakes are reported."""
    others = [key for key in root.fields if key != SECTION]
    for key in others:
        what = Text(f"这里只应有 policy，多了 `{key}`", f"only `policy` is expected here, not `{key}`")
        parsed.report(root.fields[key].key_place, "unknown_key", what)
    if root.child(SECTION) is None:
        parsed.report(root.place, "missing_key", Text("缺少 policy", "`policy` is missing"))
        return None
    own = Parsed(file=parsed.file)
    alone = replace(root, value={SECTION: root.fields[SECTION]})
    draft: Draft = validate(alone, own)
    parsed.problems += [problem for problem in own.problems if not _is_about_a_site(problem)]
    found = draft.entries.get(SECTION, ())
    entry = found[0].entry if found else None
    return entry if isinstance(entry, PolicyEntry) else None


def _is_about_a_site(problem: Problem) -> bool:
    """That a site file would need more sections is no mistake here."""
    return problem.code == "missing_key" and any(f"`{key}`" in problem.what.en for key in REQUIRED)


def _check_sense(root: Node, parsed: Parsed, file: SiteFile) -> None:
    for problem in check_policy(file):
        parsed.report(place_of(root, problem.path), SECTION, problem.what, problem.hint)
