"""Readings of a site whose store is a server: moved there and back, backed up, restored into another server."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from facility.archive.backup import Source, make_backup
from facility.archive.migration import End, MoveState, compared, move
from facility.archive.package import Package
from facility.archive.restore import Target, restore
from facility.archive.verification import verify
from facility.errors import ArchiveRefused
from facility.journal import Journal
from facility.model import SiteFile
from facility.model.entries import StoreEntry
from facility.store.embedded import EmbeddedStore
from facility.store.open import open_store
from tests.facility.archive.memories import everything, fill, fill_records, write_site
from tests.sites import small_site_data

pytestmark = pytest.mark.server

AT = datetime(2026, 7, 15, 4, 5, 6, tzinfo=UTC)
FIXTURES = {"influxdb": "influx_url", "victoriametrics": "victoria_url"}


def entry_of(engine: str, request: pytest.FixtureRequest, database: str) -> StoreEntry:
    url = request.getfixturevalue(FIXTURES[engine])
    return StoreEntry.model_validate({"engine": engine, "url": url, "database": database})


@pytest.mark.parametrize("engine", FIXTURES)
def test_readings_go_to_a_server_and_back(tmp_path: Path, engine: str, request: pytest.FixtureRequest) -> None:
    entry = entry_of(engine, request, f"moved-{engine}")
    here, there = End(entry=StoreEntry(), data=tmp_path / "here"), End(entry=entry, data=tmp_path)
    with (
        closing(EmbeddedStore(tmp_path / "here" / "store")) as source,
        closing(EmbeddedStore(tmp_path / "back" / "store")) as target,
        closing(open_store(entry, tmp_path)) as server,
    ):
        fill(source)
        out, back = MoveState(tmp_path / "out.json", here, there), MoveState(tmp_path / "back.json", there, here)
        move(source, server, source.points(), out)
        assert [moved.same for moved in compared(source, server, source.points(), out)] == [True] * 4
        move(server, target, server.points(), back)
        assert [moved.same for moved in compared(server, target, server.points(), back)] == [True] * 4
        assert everything(target) == everything(source)


@pytest.mark.parametrize(("engine", "other"), [("influxdb", "victoriametrics"), ("victoriametrics", "influxdb")])
def test_a_backup_of_one_server_is_restored_into_another(
    tmp_path: Path, engine: str, other: str, request: pytest.FixtureRequest
) -> None:
    entry, target = entry_of(engine, request, f"backed-up-{engine}"), entry_of(other, request, f"restored-{other}")
    with closing(open_store(entry, tmp_path)) as server:
        fill(server, 500)
        before = everything(server)
    (tmp_path / "data").mkdir()
    with closing(Journal(f"sqlite:///{tmp_path / 'data' / 'journal.db'}")) as journal:
        fill_records(journal)
    source = Source(
        site_path=write_site(tmp_path / "site" / "site.yaml"),
        site=SiteFile.model_validate({**small_site_data(), "store": entry.model_dump()}),
        data=tmp_path / "data",
        records_url=f"sqlite:///{tmp_path / 'data' / 'journal.db'}",
        product="0.1.0",
    )
    done = make_backup(source, tmp_path / "to", at=AT)
    assert done.manifest.engine == engine
    with Package(done.path) as package:
        assert verify(package, scratch=tmp_path).sound
        restore(package, Target(data=tmp_path / "new", store=target, records_url=None), at=AT)
        with closing(open_store(target, tmp_path)) as restored:
            assert everything(restored) == before
        assert sorted(path.name for path in (tmp_path / "new").iterdir()) == ["journal.db", "site"]
        again = Target(data=tmp_path / "third", store=target, records_url=None)
        with pytest.raises(ArchiveRefused, match="holds data already"):
            restore(package, again, at=AT)
        assert not (tmp_path / "third").exists()
