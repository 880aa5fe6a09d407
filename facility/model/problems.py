"""A mistake in a site file: where it is, what is wrong, what was expected."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from facility.text import Language, Text


class Severity(StrEnum):
    """An error stops the site from running, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Problem:
    """One mistake. `line` and `column` count from 1; `hint` is the near miss, None when nothing is near."""

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    what: Text
    hint: Text | None = None

    def render(self, language: Language) -> str:
        """One line, as compilers write it."""
        word = {
            ("zh", Severity.ERROR): "错误", ("zh", Severity.WARNING): "警告",
            ("en", Severity.ERROR): "error", ("en", Severity.WARNING): "warning",
        }[language, self.severity]  # fmt: skip
        text = f"{self.file}:{self.line}:{self.column}: {word}: {self.what.in_language(language)}"
        if self.hint is None:
            return text
        return f"{text}{'；' if language == 'zh' else '; '}{self.hint.in_language(language)}"
