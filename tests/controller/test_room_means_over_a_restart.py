"""A room's mean goes on over a restart: one odd reading right after it decides nothing."""

from __future__ import annotations

from pathlib import Path

from facility.journal import Journal
from tests.controller.building import Building, local


def test_a_cold_reading_right_after_a_restart_does_not_stop_the_unit(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    building = Building(local("08:30"), journal=journal)
    building.run_until("10:00")
    assert building.is_on()
    building.controller.save()
    building.controller.close()
    building.rooms["ac-402"] = 20.0
    building.start_controller()
    building.run_until("10:03")
    assert building.is_on("ac-402")
    building.run_until("10:09")
    assert not building.is_on("ac-402")
    building.controller.close()
    journal.close()


def test_what_was_saved_long_ago_is_no_mean_any_more(tmp_path: Path) -> None:
    journal = Journal(f"sqlite:///{tmp_path / 'journal.db'}")
    building = Building(local("08:30"), journal=journal)
    building.run_until("10:00")
    building.controller.save()
    building.controller.close()
    building.clock.move_to(local("12:00"))
    building.rooms["ac-402"] = 20.0
    building.report()
    building.start_controller()
    building.run_until("12:03")
    assert not building.is_on("ac-402")
    building.controller.close()
    journal.close()
