"""A backup is whole or not there, holds no secret, and harms nobody who unpacks it."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from facility.archive.backup import Backup, Source, make_backup, own_backups
from facility.archive.manifest import NAME, backup_name
from facility.archive.package import Package
from facility.archive.records import file_of_lines
from facility.archive.restore import Target, restore
from facility.archive.verification import verify
from facility.errors import ArchiveRefused, StoreDamaged, StoreUnavailable
from facility.journal import Journal
from facility.model import SiteFile
from facility.model.entries import StoreEntry
from facility.readings import Batch, Status
from facility.series import Series
from facility.store.embedded import EmbeddedStore
from tests.facility.archive.memories import DAY_US, START_US, House, everything, house, write_site
from tests.facility.store.embedded.first_format_writer import write_first_format
from tests.sites import small_site_data

AT = datetime(2026, 7, 15, 4, 5, 6, tzinfo=UTC)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> House:
    return house(tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def backup(standing: House, tmp_path_factory: pytest.TempPathFactory) -> Backup:
    return made(standing, tmp_path_factory.mktemp("backups"))


def source(of: House, data: dict[str, Any] | None = None) -> Source:
    return Source(
        site_path=of.site,
        site=SiteFile.model_validate(data or small_site_data()),
        data=of.data,
        records_url=f"sqlite:///{of.data / 'journal.db'}",
        product="0.1.0",
    )


def made(of: House, target: Path, at: datetime = AT, keep: int | None = None) -> Backup:
    return make_backup(source(of), target, at=at, keep=keep)


def target_of(folder: Path, *, replace: bool = False) -> Target:
    return Target(data=folder, store=StoreEntry(), records_url=None, replace=replace)


def put_back(backup: Path, folder: Path, *, replace: bool = False) -> None:
    with Package(backup) as package:
        restore(package, target_of(folder, replace=replace), at=AT)


def test_the_manifest_tells_every_point_in_figures(backup: Backup) -> None:
    manifest = backup.manifest
    room = manifest.points["climate-401.temperature"]
    assert (room.count, room.missing) == (3000, 429)
    assert (room.first_us, room.last_us) == (START_US + 123_457, START_US + 2999 * 60_000_000)
    assert manifest.points["旧系统.用电"].total == 0.0, "a sum of zeros is zero, not nothing"
    assert manifest.tables["alarms"] == 2
    assert manifest.tables["decisions"] == 0
    assert backup.path.stat().st_mode & 0o777 == 0o600, "for its owner alone"
    assert backup.path.name == "houqin-hq-20260715T040506Z.houqin-backup"
    assert [path.name for path in backup.path.parent.iterdir()] == [backup.path.name], "nothing else is left there"


def test_a_restored_building_remembers_the_same(standing: House, backup: Backup, tmp_path: Path) -> None:
    put_back(backup.path, tmp_path / "data")
    before, after = standing.store(), EmbeddedStore(tmp_path / "data" / "store")
    try:
        assert everything(after) == everything(before)
        assert after.latest(after.points()) == before.latest(before.points())
    finally:
        before.close()
        after.close()
    journal = Journal(f"sqlite:///{tmp_path / 'data' / 'journal.db'}")
    try:
        actor = journal.actor_of(standing.token)
        assert actor is not None
        assert actor.name == "值班室"
        assert journal.load_state("nested") == {"值": [1, 2.5, None, "文"]}
        assert [alarm.key for alarm in journal.alarms(active_only=True)] == ["b"]
    finally:
        journal.close()
    assert (tmp_path / "data" / "site" / "site.yaml").read_bytes() == standing.site.read_bytes()


def test_the_drill_finds_a_sound_backup_sound_and_leaves_nothing(backup: Backup, tmp_path: Path) -> None:
    with Package(backup.path) as package:
        found = verify(package, scratch=tmp_path)
    assert found.sound
    assert len(found.points) == 4
    assert list(tmp_path.iterdir()) == []


def test_every_flipped_part_is_named(backup: Backup, tmp_path: Path) -> None:
    whole = backup.path.read_bytes()
    with zipfile.ZipFile(backup.path) as package:
        places = {entry.filename: entry for entry in package.infolist()}
    damaged = tmp_path / "damaged"
    for name, entry in places.items():
        at = entry.header_offset + 30 + len(entry.filename.encode()) + entry.compress_size // 2 + 20
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        if name == NAME:
            with pytest.raises(ArchiveRefused, match=NAME):
                Package(damaged)
            continue
        with Package(damaged) as package_of_it:
            found = verify(package_of_it, scratch=tmp_path)
            assert list(found.damaged_parts) == [name]
            assert not found.sound
            with pytest.raises(ArchiveRefused, match=name):
                restore(package_of_it, target_of(tmp_path / "data"), at=AT)
        assert not (tmp_path / "data").exists()


def test_no_flipped_bit_passes_for_the_building(backup: Backup, tmp_path: Path) -> None:
    """Wherever it is: it is found, or it is one that says nothing of the building (a time stamp of the zip)."""
    whole = backup.path.read_bytes()
    damaged = tmp_path / "damaged"
    for at in (*range(0, 200, 3), *range(len(whole) - 900, len(whole), 3)):
        damaged.write_bytes(whole[:at] + bytes([whole[at] ^ 0x41]) + whole[at + 1 :])
        try:
            with Package(damaged) as package:
                if package.damage():
                    continue
                assert package.manifest == backup.manifest
        except ArchiveRefused:
            continue


@pytest.mark.parametrize("length", [0, 1, 1000, -1, -200])
def test_a_backup_that_was_cut_short_is_refused(backup: Backup, tmp_path: Path, length: int) -> None:
    cut = tmp_path / "cut"
    cut.write_bytes(backup.path.read_bytes()[:length])
    with pytest.raises(ArchiveRefused, match="cut"):
        Package(cut)


def rewritten(backup: Path, target: Path, change: Callable[[dict[str, Any]], None], **more: bytes) -> Path:
    """The backup with another manifest, and more files."""
    with zipfile.ZipFile(backup) as old, zipfile.ZipFile(target, "w") as new:
        manifest = json.loads(old.read(NAME))
        change(manifest)
        for name in old.namelist():
            new.writestr(name, json.dumps(manifest) if name == NAME else old.read(name))
        for name, content in more.items():
            new.writestr(name, content)
    return target


def test_a_backup_of_a_newer_format_is_refused_by_its_version(backup: Backup, tmp_path: Path) -> None:
    newer = rewritten(backup.path, tmp_path / "newer", lambda m: m.update(format=2, product="9.9", parts="other"))
    with pytest.raises(ArchiveRefused, match=r"newer version \(9\.9, format 2"):
        Package(newer)


@pytest.mark.parametrize(
    "name", ["../escaped", "/tmp/escaped", "store/../../escaped", "store/./x", "C:\\escaped", "..", "a\\..\\b", "a//b"]
)
def test_a_backup_that_would_write_elsewhere_is_refused(backup: Backup, tmp_path: Path, name: str) -> None:
    def listed(manifest: dict[str, Any]) -> None:
        manifest["parts"][name] = {"sha256": "0" * 64, "size": 1}

    evil = rewritten(backup.path, tmp_path / "evil", listed, **{name: b"x"})
    with pytest.raises(ArchiveRefused, match="written elsewhere"):
        Package(evil)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["evil"]


def test_a_file_that_the_manifest_does_not_list_is_not_restored(backup: Backup, tmp_path: Path) -> None:
    more = rewritten(backup.path, tmp_path / "more", lambda _: None, extra=b"x")
    with pytest.raises(ArchiveRefused, match="extra"):
        Package(more)


def test_figures_that_differ_are_told_point_by_point_and_table_by_table(backup: Backup, tmp_path: Path) -> None:
    def changed(manifest: dict[str, Any]) -> None:
        manifest["points"]["window-401.open"]["count"] += 1
        del manifest["points"]["旧系统.用电"]
        manifest["tables"]["alarms"] = 3

    other = rewritten(backup.path, tmp_path / "other", changed)
    with Package(other) as package:
        found = verify(package, scratch=tmp_path)
    assert {check.point for check in found.points if not check.same} == {"window-401.open", "旧系统.用电"}
    assert [(check.listed, check.found) for check in found.tables if check.listed != check.found] == [(3, 2)]


def test_passwords_in_addresses_are_not_in_the_backup(tmp_path: Path) -> None:
    data = small_site_data()
    data["store"] = {"engine": "embedded", "url": "http://writer:geheim@192.0.2.1:8086"}
    data["accounting"] = {"tariffs": {"electricity": "./own/tariff.yaml"}, "item_codes": "../shared/codes.yaml"}
    standing = house(tmp_path, data, minutes=10)
    beside = {"profiles/own.yaml": "profile: own", "own/tariff.yaml": "url: ftp://u:geheim@h/x", "notes.txt": "geheim"}
    for name, text in {**beside, "../shared/codes.yaml": "codes"}.items():
        path = standing.site.parent / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    done = make_backup(source(standing, data), tmp_path / "to", at=AT)
    with zipfile.ZipFile(done.path) as package:
        held = {name: package.read(name) for name in package.namelist()}
    assert not any(b"geheim" in content for content in held.values())
    assert b"http://writer:REMOVED@192.0.2.1:8086" in held["site/site.yaml"]
    assert {"site/profiles/own.yaml", "site/own/tariff.yaml"} < set(held)
    assert (done.passwords, done.outside) == (2, ("../shared/codes.yaml",))
    assert standing.token.encode() not in b"".join(held.values())


def test_keeping_two_deletes_the_oldest_of_its_own_and_nothing_else(standing: House, tmp_path: Path) -> None:
    days = [AT + timedelta(days=day) for day in range(4)]
    first = made(standing, tmp_path, days[0])
    foreign = {
        "houqin-other-20200101T000000Z.houqin-backup": first.path.read_bytes(),
        "houqin-hq-20200102T000000Z.houqin-backup": b"not one of ours, by its content",
        "houqin-hq-mine.houqin-backup": first.path.read_bytes(),
        "notes.txt": b"",
    }
    for name, content in foreign.items():
        (tmp_path / name).write_bytes(content)
    for day in days[1:3]:
        made(standing, tmp_path, day, keep=2)
    last = made(standing, tmp_path, days[3], keep=2)
    assert [path.name for path in last.removed] == [backup_name("hq", days[1])]
    kept = {backup_name("hq", day) for day in days[2:]}
    assert {path.name for path in tmp_path.iterdir()} == kept | set(foreign)
    assert [path.name for path in own_backups(tmp_path, "hq")] == sorted(kept)


def test_what_a_killed_backup_left_is_cleared_by_the_next_one(standing: House, tmp_path: Path) -> None:
    left = tmp_path / ".houqin-hq-20200101T000000Z.houqin-backup.partial"
    left.mkdir()
    (left / "whole").write_bytes(b"half")
    done = made(standing, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [done.path.name]


def test_a_damaged_store_is_not_backed_up_as_an_empty_one(tmp_path: Path) -> None:
    standing = house(tmp_path, minutes=400)
    file = standing.data / "store" / "readings.sqlite"
    content = bytearray(file.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    file.write_bytes(content)
    with pytest.raises(StoreDamaged, match="nothing was backed up"):
        made(standing, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused_or_moved_aside_whole(backup: Backup, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "kept.txt").write_text("kept", encoding="utf-8")
    with pytest.raises(ArchiveRefused, match="--replace"):
        put_back(backup.path, data)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    put_back(backup.path, data, replace=True)
    aside = tmp_path / "data.before-restore.20260715T040506Z"
    assert (aside / "kept.txt").read_text(encoding="utf-8") == "kept"
    assert sorted(path.name for path in data.iterdir()) == ["journal.db", "site", "store"]


def test_a_folder_in_use_is_refused_even_with_replace(backup: Backup, tmp_path: Path) -> None:
    running = EmbeddedStore(tmp_path / "data" / "store")
    try:
        with pytest.raises(ArchiveRefused, match="in use by process"):
            put_back(backup.path, tmp_path / "data", replace=True)
    finally:
        running.close()
    journal = Journal(f"sqlite:///{tmp_path / 'data' / 'journal.db'}")
    try:
        with pytest.raises(ArchiveRefused, match="open in another process"):
            put_back(backup.path, tmp_path / "data", replace=True)
        journal.save_state("still", 1)
    finally:
        journal.close()
    put_back(backup.path, tmp_path / "data", replace=True)


def test_a_restore_that_fails_half_way_leaves_the_folder_as_it_was(backup: Backup, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "kept.txt").write_text("kept", encoding="utf-8")
    server = StoreEntry(engine="influxdb", url="http://127.0.0.1:9", database="x")
    with Package(backup.path) as package, pytest.raises(StoreUnavailable, match="does not answer"):
        restore(package, Target(data=data, store=server, records_url=None, replace=True), at=AT)
    assert [path.name for path in tmp_path.iterdir()] == ["data"]
    assert [path.name for path in data.iterdir()] == ["kept.txt"]


@pytest.mark.parametrize("existed", [False, True])
def test_a_restore_that_fails_into_nothing_leaves_nothing(backup: Backup, tmp_path: Path, existed: bool) -> None:
    data = tmp_path / "data"
    if existed:
        data.mkdir()
    server = StoreEntry(engine="influxdb", url="http://127.0.0.1:9", database="x")
    target = Target(data=data, store=server, records_url=None, replace=True)
    with Package(backup.path) as package, pytest.raises(StoreUnavailable, match="does not answer"):
        restore(package, target, at=AT)
    assert data.exists() == existed
    assert not existed or list(data.iterdir()) == []


def test_a_day_that_cannot_be_read_is_named_and_the_rest_is_backed_up(tmp_path: Path) -> None:
    standing = house(tmp_path)
    path = standing.data / "store" / "readings.sqlite"
    connection = sqlite3.connect(path)
    with connection:
        key, data = connection.execute("SELECT key, data FROM blocks ORDER BY key LIMIT 1").fetchone()
        connection.execute("UPDATE blocks SET data = ? WHERE key = ?", (data[:-1] + bytes([data[-1] ^ 1]), key))
    connection.close()
    done = made(standing, tmp_path / "to")
    assert len(done.unreadable) == 1
    assert sum(figures.damage is None for figures in done.manifest.points.values()) == 3
    with Package(done.path) as package:
        assert not verify(package, scratch=tmp_path).sound


def test_data_of_an_older_version_is_backed_up_and_comes_back_in_todays_form(tmp_path: Path) -> None:
    data = tmp_path / "data"
    day = Series(
        point="m.power",
        times_us=np.array([START_US, START_US + 5], np.int64),
        values=np.array([0.0, np.nan]),
        statuses=np.array([0, int(Status.TIMEOUT)], np.uint8),
    )
    write_first_format(data / "store" / "readings.sqlite", [day], [], ["m.power"])
    (tmp_path / "lines").mkdir()
    (tmp_path / "lines" / "states.jsonl").write_bytes(b'{"key": "kept", "document": 0.0}\n')
    file_of_lines(tmp_path / "lines", "0001", data / "journal.db")
    older = House(site=write_site(tmp_path / "site.yaml"), data=data, token="")
    done = made(older, tmp_path / "to")
    assert (done.manifest.points["m.power"].count, done.manifest.points["m.power"].missing) == (2, 1)
    assert done.manifest.revision == "0001"
    with Package(done.path) as package:
        assert verify(package, scratch=tmp_path).sound
    put_back(done.path, tmp_path / "new")
    store = EmbeddedStore(tmp_path / "new" / "store")
    assert everything(store) == {"m.power": [(START_US, 0.0, 0), (START_US + 5, None, int(Status.TIMEOUT))]}
    store.close()
    journal = Journal(f"sqlite:///{tmp_path / 'new' / 'journal.db'}")
    assert journal.load_state("kept") == 0.0
    journal.close()


def test_a_backup_does_not_wait_for_who_holds_the_files_locked(tmp_path: Path) -> None:
    standing = house(tmp_path, minutes=10)
    paths = (standing.data / "store" / "readings.sqlite", standing.data / "journal.db")
    held = [sqlite3.connect(path, isolation_level=None) for path in paths]
    for connection in held:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("CREATE TABLE unfinished (x)")
    try:
        done = made(standing, tmp_path / "to")
    finally:
        for connection in held:
            connection.close()
    assert done.manifest.readings == 40
    assert "unfinished" not in done.manifest.tables


def test_readings_far_apart_are_counted_too(tmp_path: Path) -> None:
    standing = house(tmp_path, minutes=2)
    early_us = START_US - 20_000 * DAY_US
    store = standing.store()
    store.append([Batch(time_us=early_us, points=["旧系统.用电"], values=[0.0])])
    store.close()
    figures = made(standing, tmp_path / "to").manifest.points["旧系统.用电"]
    assert (figures.count, figures.first_us) == (3, early_us)


def test_a_site_file_alone_is_no_memory(tmp_path: Path) -> None:
    site = write_site(tmp_path / "site.yaml")
    nothing = House(site=site, data=tmp_path / "nothing", token="")
    with pytest.raises(ArchiveRefused, match="--data"):
        made(nothing, tmp_path / "to")
    assert list((tmp_path / "to").iterdir()) == []
