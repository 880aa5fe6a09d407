"""What the command line prints, in the reader's language."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable

import click

from facility.model.problems import Problem, Severity
from facility.text import Language, Text
from houqin.log_lines import visible


def language_of_terminal() -> Language:
    """HOUQIN_LANG, else the terminal's locale; Chinese where neither names English."""
    for variable in ("HOUQIN_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(variable, "").lower()
        if value.startswith("en"):
            return "en"
        if value.startswith("zh"):
            return "zh"
    return "zh"


def say(text: Text, language: Language, *, error: bool = False) -> None:
    """One line to the terminal. Names and texts from files and devices in it do not command the terminal."""
    click.echo(visible(text.in_language(language)), err=error)


def say_problems(problems: Iterable[Problem], language: Language) -> tuple[int, int]:
    """Every problem on its line, in the file's order; returns the numbers of errors and warnings."""
    errors = warnings = 0
    for problem in sorted(problems, key=lambda item: (item.file, item.line, item.column)):
        colour = "red" if problem.severity is Severity.ERROR else "yellow"
        click.secho(visible(problem.render(language)), fg=colour if sys.stdout.isatty() else None)
        if problem.severity is Severity.ERROR:
            errors += 1
        else:
            warnings += 1
    return errors, warnings
