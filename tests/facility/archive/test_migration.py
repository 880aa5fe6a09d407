"""A move between stores loses nothing, may be interrupted, and says so when both sides differ."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from facility.archive import tally as tally_module
from facility.archive.migration import (
    End,
    MoveState,
    compared,
    entry_of,
    move,
    require_different,
    require_empty,
    state_path,
)
from facility.archive.tally import slices, tally
from facility.errors import ArchiveRefused, StoreUnavailable
from facility.model.entries import StoreEntry
from facility.readings import Batch
from facility.store import Store
from facility.store.embedded import EmbeddedStore
from tests.facility.archive.memories import DAY_US, START_US, everything, fill


@pytest.fixture
def source(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "source" / "store")
    fill(opened)
    yield opened
    opened.close()


@pytest.fixture
def target(tmp_path: Path) -> Iterator[EmbeddedStore]:
    opened = EmbeddedStore(tmp_path / "target" / "store")
    yield opened
    opened.close()


def ends(folder: Path) -> tuple[End, End]:
    return End(entry=StoreEntry(), data=folder / "source"), End(entry=StoreEntry(), data=folder / "target")


def state_of(folder: Path) -> MoveState:
    source, target = ends(folder)
    return MoveState(state_path(folder, target), source, target)


class Failing:
    """A store that stops taking readings after so many calls."""

    def __init__(self, store: Store, calls: int) -> None:
        self._store = store
        self.left = calls

    def append(self, batches: Sequence[Batch]) -> None:
        if self.left == 0:
            raise StoreUnavailable("the server went away")
        self.left -= 1
        self._store.append(batches)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


def test_everything_arrives_and_both_sides_tell_the_same(
    tmp_path: Path, source: EmbeddedStore, target: EmbeddedStore
) -> None:
    state = state_of(tmp_path)
    assert move(source, target, source.points(), state) == []
    found = list(compared(source, target, source.points(), state))
    assert all(moved.same for moved in found)
    assert sum(moved.target.count for moved in found) == 12_000
    assert everything(target) == everything(source)


def test_an_interrupted_move_goes_on_where_it_was(
    tmp_path: Path, source: EmbeddedStore, target: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally_module, "SLICE_READINGS", 1)  # a piece for every day
    failing = Failing(target, 5)
    with pytest.raises(StoreUnavailable, match="went away"):
        move(source, failing, source.points(), state_of(tmp_path))
    state = state_of(tmp_path)
    assert 1 <= len(state.until_us) < 4
    counting = Failing(target, 1000)
    move(source, counting, source.points(), state)
    assert 1000 - counting.left == 12 - 5, "what was safe is not copied again"
    assert everything(target) == everything(source)


def test_what_was_read_after_a_move_is_copied_by_the_next_run(
    tmp_path: Path, source: EmbeddedStore, target: EmbeddedStore
) -> None:
    move(source, target, source.points(), state_of(tmp_path))
    source.append([Batch(time_us=START_US + 9 * DAY_US, points=["window-401.open"], values=[0.0])])
    source.append([Batch(time_us=START_US + 9 * DAY_US, points=["new.point"], values=[0.0])])
    state = state_of(tmp_path)
    move(source, target, source.points(), state)
    assert all(moved.same for moved in compared(source, target, source.points(), state))
    assert everything(target) == everything(source)


def test_a_point_that_differs_is_told_and_copied_anew_by_the_next_run(
    tmp_path: Path, source: EmbeddedStore, target: EmbeddedStore
) -> None:
    state = state_of(tmp_path)
    move(source, target, source.points(), state)
    source.append([Batch(time_us=START_US + 7, points=["window-401.open"], values=[0.0])])  # late
    found = [moved.point for moved in compared(source, target, source.points(), state) if not moved.same]
    assert found == ["window-401.open"]
    state.save()
    again = state_of(tmp_path)
    assert set(again.until_us) == set(source.points()) - {"window-401.open"}
    move(source, target, source.points(), again)
    assert everything(target) == everything(source)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 1}', b'{"format": 9, "until_us": {"x": 1}}'])
def test_a_state_file_that_cannot_be_read_begins_anew(tmp_path: Path, content: bytes) -> None:
    state_path(tmp_path, ends(tmp_path)[1]).write_bytes(content)
    assert state_of(tmp_path).until_us == {}


def test_the_state_of_another_move_is_not_taken(tmp_path: Path) -> None:
    source, target = ends(tmp_path)
    MoveState(tmp_path / "state", source, target).reached("x", 5)
    assert MoveState(tmp_path / "state", source, target).until_us == {"x": 5}
    other = End(entry=StoreEntry(), data=tmp_path / "elsewhere")
    assert MoveState(tmp_path / "state", source, other).until_us == {}


def test_a_target_that_holds_readings_of_others_is_refused(tmp_path: Path, target: EmbeddedStore) -> None:
    require_empty(target, state_of(tmp_path), "x")
    target.append([Batch(time_us=0, points=["x"], values=[0.0])])
    with pytest.raises(ArchiveRefused, match="--merge"):
        require_empty(target, state_of(tmp_path), "x")


def test_a_store_is_not_moved_into_itself(tmp_path: Path) -> None:
    source, _ = ends(tmp_path)
    with pytest.raises(ArchiveRefused, match="the same"):
        require_different(source, End(entry=StoreEntry(), data=tmp_path / "target" / ".." / "source"))


@pytest.mark.parametrize(
    ("address", "engine", "url", "database"),
    [
        ("influxdb:http://h:8086/hq", "influxdb", "http://h:8086", "hq"),
        ("influxdb:https://h/proxy/hq", "influxdb", "https://h/proxy", "hq"),
        ("victoriametrics:http://h:8428", "victoriametrics", "http://h:8428", None),
    ],
)
def test_a_server_is_named_by_its_address(address: str, engine: str, url: str, database: str | None) -> None:
    entry, folder = entry_of(address, {"token_env": "TOKEN", "organisation": None})
    assert (entry.engine, entry.url, entry.database, entry.token_env) == (engine, url, database, "TOKEN")
    assert folder is None


@pytest.mark.parametrize("address", ["", "embedded:", "influxdb:http://h:8086", "influxdb:h/x", "mysql:http://h/x"])
def test_what_names_no_store_is_refused(address: str) -> None:
    with pytest.raises(ArchiveRefused, match="embedded:DIR"):
        entry_of(address, {})


def test_a_password_in_the_address_is_told_to_nobody(tmp_path: Path) -> None:
    entry, _ = entry_of("influxdb:http://u:geheim@h:8086/hq", {})
    assert End(entry=entry, data=tmp_path).name == "influxdb:http://u:REMOVED@h:8086/hq"


def test_memory_stays_bounded_where_readings_are_dense(target: EmbeddedStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tally_module, "SLICE_READINGS", 40)
    for day in range(64):
        count = 40 if day >= 32 else 1
        target.append([Batch(time_us=START_US + day * DAY_US + n, points=["p"], values=[0.0]) for n in range(count)])
    sizes = [len(series) for _, _, series in slices(target, "p", START_US, START_US + 64 * DAY_US)]
    assert sum(sizes) == 32 + 32 * 40
    assert max(sizes[-8:]) <= 4 * 40


def test_a_sum_that_no_float_holds_is_no_sum(target: EmbeddedStore) -> None:
    target.append([Batch(time_us=n, points=["p"], values=[1.5e308]) for n in range(3)])
    found = tally(target, "p")
    assert (found.count, found.missing, found.total) == (3, 0, None)
