"""The migrations make the tables that the journal works with."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

import facility.journal
from facility.journal import Journal
from facility.journal.tables import HEAD, metadata


def test_an_upgraded_database_has_exactly_the_tables_of_today(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'journal.db'}"
    Journal(url).close()
    engine = create_engine(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD
    engine.dispose()


def test_head_is_the_newest_script() -> None:
    configuration = Config()
    scripts = Path(facility.journal.__file__).parent / "migrations"
    configuration.set_main_option("script_location", str(scripts))
    assert ScriptDirectory.from_config(configuration).get_heads() == [HEAD]
