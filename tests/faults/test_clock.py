"""The machine's clock: not believed at 1970, set while everything runs (FT-32, FT-33)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from facility.clock import EARLIEST, FOLLOWED_S, SystemClock
from facility.journal import Journal
from tests.houqin.operating import Child, Visitor, office_data, write_site
from tests.servers import free_port, wait_for

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


@dataclass
class Hands:
    """Two clocks of a machine: the one that people set, and the one that nobody does."""

    wall_s: float = 1_800_000_000.0
    boot_s: float = 100.0

    def pass_(self, seconds: float) -> None:
        self.wall_s += seconds
        self.boot_s += seconds


def made(hands: Hands) -> SystemClock:
    return SystemClock(wall_s=lambda: hands.wall_s, boot_s=lambda: hands.boot_s)


@pytest.mark.parametrize("set_s", [0.0, 0.5, -0.5, FOLLOWED_S, -FOLLOWED_S])
def test_a_small_correction_is_followed_at_once(set_s: float) -> None:
    hands = Hands()
    clock = made(hands)
    hands.pass_(10.0)
    hands.wall_s += set_s
    assert clock.now().timestamp() == pytest.approx(hands.wall_s, abs=1e-3)
    assert clock.jump_s == 0.0


@pytest.mark.parametrize("set_s", [-7200.0, 3 * 86400.0, FOLLOWED_S + 1, -FOLLOWED_S - 1])
def test_a_jump_is_told_and_not_followed(set_s: float) -> None:
    hands = Hands()
    clock = made(hands)
    before = clock.now()
    hands.pass_(10.0)
    hands.wall_s += set_s
    assert (clock.now() - before).total_seconds() == pytest.approx(10.0, abs=1e-3)
    assert clock.jump_s == pytest.approx(set_s)
    hands.wall_s -= set_s
    assert clock.jump_s == 0.0


def test_a_machine_that_slept_shows_the_time_of_its_waking() -> None:
    hands = Hands()
    clock = made(hands)
    hands.pass_(8 * 3600.0)
    assert clock.now().timestamp() == pytest.approx(hands.wall_s, abs=1e-3)
    assert clock.jump_s == 0.0


def test_many_small_corrections_are_no_jump() -> None:
    hands = Hands()
    clock = made(hands)
    for _ in range(100):
        hands.pass_(60.0)
        hands.wall_s += 1.0
        clock.now()
    assert clock.jump_s == 0.0


def test_this_versions_time_is_not_before_it_was_made() -> None:
    assert datetime(1970, 1, 1, tzinfo=UTC) < EARLIEST < datetime.now(UTC)


@pytest.fixture
def faked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that says which time the children of this test see."""
    library = next(iter(LIBRARIES), None)
    if library is None:
        pytest.skip("libfaketime is not installed; `make packages` installs it from Debian")
    hands = tmp_path / "hands"
    monkeypatch.setenv("LD_PRELOAD", str(library))
    monkeypatch.setenv("FAKETIME_TIMESTAMP_FILE", str(hands))
    monkeypatch.setenv("FAKETIME_NO_CACHE", "1")
    monkeypatch.setenv("DONT_FAKE_MONOTONIC", "1")
    return hands


def _said(run: Child, times: int) -> bool:
    return run.said.count("is running") == times


@pytest.mark.server
@pytest.mark.timeout(90)
def test_a_run_waits_for_a_believable_clock_and_begins_anew_when_it_is_set(faked: Path, tmp_path: Path) -> None:
    site, data, port = write_site(tmp_path / "site.yaml", office_data()), tmp_path / "data", free_port()
    faked.write_text("@1970-01-02 00:00:00\n")
    with Child(tmp_path, "run", "run", site, "--data", data, "--port", str(port)) as run:
        wait_for(lambda: "not believed" in run.complained, "the clock is not believed")
        assert "is running" not in run.said
        assert not data.exists(), "nothing was written with a time that cannot be"
        faked.write_text("+0\n")
        run.wait_said("Houqin is running")
        for times, hands in enumerate(("-2h\n", "+3d\n"), start=2):
            faked.write_text(hands)
            wait_for(partial(_said, run, times), "begun anew")
        with Visitor(f"http://127.0.0.1:{port}") as visitor:
            assert visitor.get("/health")["status"] == "ok"
        assert run.interrupt() == 0
    assert "Traceback" not in run.complained
    journal = Journal(f"sqlite:///{data / 'journal.db'}")
    forward, back = (event.data["jump_s"] for event in journal.events("clock_jump"))
    journal.close()
    assert back == pytest.approx(-7200, abs=5)
    assert forward == pytest.approx(3 * 86400 + 7200, abs=5)
