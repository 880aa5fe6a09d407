"""What several commands take, and how each of them ends."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import click

from facility.errors import HouqinError
from facility.text import Language, Text

DEFAULT_DATA: Final = Path("houqin-data")

SITE_ARGUMENT: Final = click.argument("site", type=click.Path(exists=True, dir_okay=False, path_type=Path))
DATA_OPTION: Final = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=None,
    help="数据目录 / folder of store and records (./houqin-data)",
)


def ended(start: Callable[[], int], language: Language) -> None:
    """Runs a command; an error a person must act on becomes one clear line and exit code 2.

    Raises:
        SystemExit: with the command's exit code.
    """
    try:
        code = start()
    except HouqinError as error:
        text = getattr(error, "text", None)
        said = text.in_language(language) if isinstance(text, Text) else str(error)
        click.secho(said, fg="red", err=True)
        raise SystemExit(2) from error
    except KeyboardInterrupt:
        code = 130
    raise SystemExit(code or 0)
