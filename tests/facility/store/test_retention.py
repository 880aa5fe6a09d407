"""What the site file says about keeping readings, per class of point."""

from __future__ import annotations

from datetime import date

from facility.local_days import midnight_us
from facility.store.retention import PointClass, class_of, kept_from
from tests.facility.books.bureau import bureau_data, site_of

TODAY = date(2026, 7, 15)


def test_points_are_counters_states_or_measurements() -> None:
    points = site_of(bureau_data()).points
    told = {name: class_of(points[name]) for name in ("main-meter.energy_import", "ac-401.on", "ac-401.setpoint")}
    assert told == {
        "main-meter.energy_import": PointClass.COUNTER,
        "ac-401.on": PointClass.STATE,
        "ac-401.setpoint": PointClass.MEASUREMENT,
    }


def test_every_class_has_its_own_length_and_what_has_none_is_kept_for_ever() -> None:
    data = bureau_data() | {"store": {"retention": {"states_days": 31, "measurements_days": 400}}}
    site = site_of(data)
    kept = kept_from(site, TODAY)
    assert kept["ac-401.on"] == midnight_us(date(2026, 6, 14), site.zone)
    assert kept["ac-401.setpoint"] == midnight_us(date(2025, 6, 10), site.zone)
    assert "main-meter.energy_import" not in kept
    assert kept_from(site_of(bureau_data()), TODAY) == {}
