"""`houqin check`: the ground floor's checks of a site file together with the controller's check of its policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from controller.alarming.checking import check_alarms
from controller.policy.site_policy import check_policy
from facility.errors import SiteFileError
from facility.model import Site, SiteFile
from facility.model.entries import SiteHead
from facility.model.loader import load_site
from facility.model.problems import Problem, Severity
from facility.text import Language, Text
from houqin.terminal import say_problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A site file's problems, and the site when it has no errors."""

    site: Site | None
    problems: Sequence[Problem]

    def summary(self, errors: int, warnings: int) -> Text:
        """The closing line."""
        if self.site is None or errors:
            found = f"{_counted(errors, 'error')}, {_counted(warnings, 'warning')}"
            return Text(f"{errors} 个错误,{warnings} 个警告", found)
        site = self.site
        counts = len(site.devices), len(site.equipment), len(site.points)
        found = _counted(warnings, "warning")
        return Text(
            f"没有错误,{warnings} 个警告;{counts[0]} 台设备,{counts[1]} 个装置,{counts[2]} 个测点",
            f"no errors, {found}; {counts[0]} devices, {counts[1]} equipment, {counts[2]} points",
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def check_site(path: Path) -> Checked:
    """Every mistake of the file in one run."""
    loaded = load_site(path)
    problems = list(loaded.problems)
    if loaded.readable is not None:
        for problem in check_policy(loaded.readable, loaded.site, today=_today(loaded.readable)):
            severity = Severity(problem.severity)
            problems.append(loaded.problem(problem.path, "policy", problem.what, problem.hint, severity=severity))
        for mistake in check_alarms(loaded.readable, loaded.site):
            problems.append(loaded.problem(mistake.path, "alarms", mistake.what, mistake.hint))
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    return Checked(site=None if has_errors else loaded.site, problems=problems)


def _today(file: SiteFile) -> date:
    """The date on the building's wall; Greenwich's where the file does not say where the building is."""
    head: SiteHead | None = getattr(file, "site", None)
    return datetime.now(UTC if head is None else ZoneInfo(head.timezone)).date()


def checked_site(path: Path, language: Language) -> Site:
    """The site, its warnings printed.

    Raises:
        SiteFileError: the file has errors; they are printed before.
    """
    checked = check_site(path)
    errors, _ = say_problems(checked.problems, language)
    if checked.site is None:
        text = Text(f"{path} 有 {errors} 个错误,未启动", f"{path} has {errors} errors; nothing was started")
        raise SiteFileError(text.in_language(language), problems=checked.problems)
    return checked.site


def loaded_site(path: Path, language: Language) -> SiteFile:
    """A site file whose entries fit their schema; for commands that need to know where its memory is, and no more.

    Raises:
        SiteFileError: they do not; the mistakes are printed before.
    """
    loaded = load_site(path)
    if loaded.file is None:
        errors, _ = say_problems(loaded.problems, language)
        text = Text(f"{path} 有 {errors} 个错误", f"{path} has {errors} errors")
        raise SiteFileError(text.in_language(language), problems=loaded.problems)
    return loaded.file


def site_file_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a site file after template expansion."""
    return SiteFile.model_json_schema()
