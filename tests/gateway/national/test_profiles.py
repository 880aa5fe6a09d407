"""What a profile of a national meter may say, and what the books make of its counters."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from facility.accounting.metering import counter_of, register_of
from facility.profiles import Profile
from facility.profiles.national import UNIT_CODES
from facility.quantities import Quantity, factor_to_canonical
from tests.gateway.national.bench import METERS, national_site

NAME = {"zh": "表", "en": "meter"}
ENERGY = {"id": "e", "name": NAME, "quantity": "active_energy", "unit": "kWh", "di": "00010000", "digits_bytes": 4}
VOLUME = {
    "id": "v",
    "name": NAME,
    "quantity": "water_volume",
    "unit": "m3",
    "offset": 0,
    "digits_bytes": 4,
    "unit_at": 4,
}
VALVE = {"id": "s", "name": NAME, "quantity": "state", "enumeration": "valve", "offset": 17}
FRAME = {"meter_type": 0x10, "identifier_order": "low_first"}


def profile(protocol: str, **fields: Any) -> Profile:
    head = {"profile": "p", "name": NAME, "kind": "electricity_meter", "protocol": protocol}
    return Profile.model_validate(head | {"source": {"document": "d", "grade": "community"}} | fields)


def test_points_stand_under_their_protocol() -> None:
    assert profile("dlt645", dlt645=[ENERGY]).points[0].id == "e"
    assert profile("cjt188", frame=FRAME, cjt188=[VOLUME, VALVE | {"bits": [0, 1]}]).points[1].id == "s"


def test_unit_bytes_and_codes_may_be_written_as_words() -> None:
    entry = profile("cjt188", frame=FRAME, cjt188=[VOLUME | {"units": {"0x2B": {"multiplier": "0.1", "unit": "m3"}}}])
    assert [list(point.units) for point in entry.cjt188] == [[0x2B]]


@pytest.mark.parametrize(
    ("protocol", "fields", "words"),
    [
        ("cjt188", {"frame": FRAME, "dlt645": [ENERGY]}, "belong under 'cjt188'"),
        ("dlt645", {"dlt645": [ENERGY], "cjt188": [VOLUME]}, "belong under 'dlt645'"),
        ("cjt188", {"cjt188": [VOLUME]}, "needs frame.meter_type"),
        ("cjt188", {"cjt188": [VOLUME], "frame": {"meter_type": 0x10}}, "identifier_order"),
        ("dlt645", {"dlt645": [ENERGY | {"index": 1}]}, "an index belongs to a block"),
        ("dlt645", {"dlt645": [ENERGY | {"di": "0001ff00"}]}, "pattern"),
        ("dlt645", {"dlt645": [ENERGY | {"unit": "V"}]}, "is not a unit of"),
        ("cjt188", {"frame": FRAME, "cjt188": [VOLUME | {"units": {"cubic": {"unit": "m3"}}}]}, "invalid literal"),
        ("cjt188", {"frame": FRAME, "cjt188": [VALVE]}, "a state takes bits"),
        ("cjt188", {"frame": FRAME, "cjt188": [VOLUME | {"bits": [0, 1]}]}, "a state takes bits"),
        ("cjt188", {"frame": FRAME, "cjt188": [VOLUME | {"units": {0x2B: {"unit": "kWh"}}}]}, "is not a unit of"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(protocol: str, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        profile(protocol, **fields)


def measures_something(unit: str) -> bool:
    for quantity in Quantity:
        try:
            factor_to_canonical(quantity, unit)
        except ValueError:
            continue
        return True
    return False


def test_every_unit_byte_measures_something() -> None:
    assert [f"{code:02X}H" for code, (_, unit) in UNIT_CODES.items() if not measures_something(unit)] == []


def test_every_national_meter_has_a_counter_for_the_books() -> None:
    site = national_site()
    counters = {device: counter_of(site, site.meters[f"{device}-meter"]) for device, *_ in METERS}
    names = {device: None if point is None else point.spec.id for device, point in counters.items()}
    assert names == {
        "e1": "energy_import", "e3": "energy_import", "w1": "volume", "w2": "volume", "g1": "volume", "h1": "energy",
        "h2": "energy", "h3": "energy",
    }  # fmt: skip


def test_a_counter_behind_transformers_rolls_over_with_them() -> None:
    site = national_site()
    register = register_of(site, site.points["e3-meter.energy_import"])
    assert register.counter_max == pytest.approx(39_999_999.6)
    assert register.step == pytest.approx(0.4)
    assert register_of(site, site.points["e1-meter.energy_import"]).counter_max == pytest.approx(999_999.99)
    assert register_of(site, site.points["h1-meter.energy"]).counter_max is None
