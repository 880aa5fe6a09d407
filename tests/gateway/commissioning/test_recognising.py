"""What a device is taken for: by its marks, by what its values look like, in another word order, or not at all."""

from __future__ import annotations

import pytest

from facility.errors import LinkDown
from facility.profiles import Profile
from facility.profiles.schema import Table
from facility.readings import Status
from gateway.commissioning.likeness import Likeness, expected_of, likeness
from gateway.commissioning.recognising import Certainty
from tests.gateway.commissioning.bench import LookedOver, library, looked_at
from tests.gateway.made_profiles import meter, named

METER = {"voltage_a": 2203.7, "voltage_b": 2219.1, "voltage_c": 2188.3, "frequency": 4998.0, "energy_import": 812.5}
"""As a DTSU666 holds them: tenths of volts, hundredths of hertz."""
WATER = {
    "volume": 1036.9, "flow": 0.0087, "pipe": 0xAA, "pressure": 0.32, "water_temperature": 19.0, "battery": 3.6,
    "valve": 1,
}  # fmt: skip


@pytest.mark.asyncio
async def test_a_meter_is_found_among_others_by_its_voltages_and_its_frequency() -> None:
    line, profiles = LookedOver(), library()
    line.be(2, profiles["chint_dtsu666"], METER)
    [device] = await looked_at(line, profiles, 2)
    assert device.best is not None
    assert (device.unit, device.best.profile.profile) == (2, "chint_dtsu666")
    assert device.best.certainty is Certainty.PLAUSIBLE
    assert device.best.order is None
    assert {told.point.spec.id: told.value for told in device.best.told}["voltage_a"] == pytest.approx(220.37)
    assert line.closed == line.opened == 1


@pytest.mark.parametrize("volume", [1036.9, 3124.2, 4171.4])
@pytest.mark.asyncio
async def test_a_water_meter_is_known_by_its_battery_which_is_no_mains(volume: float) -> None:
    line, profiles = LookedOver(), library()
    line.be(10, profiles["kaifeng_xintai_water"], WATER | {"volume": volume})
    [device] = await looked_at(line, profiles, 10)
    assert device.best is not None
    assert device.best.profile.profile == "kaifeng_xintai_water"
    assert device.best.certainty is Certainty.PLAUSIBLE


@pytest.mark.parametrize("order", ["CDAB", "BADC", "DCBA"])
@pytest.mark.parametrize("volts", [2203.7, 2208.0])
@pytest.mark.asyncio
async def test_a_meter_that_was_set_to_another_word_order_is_found_and_the_order_is_named(
    order: str, volts: float
) -> None:
    """2208 V/10 reads as nothing at all in the meter's own order: its lower word is empty."""
    profiles = library("chint_dtsu666", "kaifeng_xintai_water", "aoke_vortex_gas")
    line = LookedOver()
    volt = {f"voltage_{phase}": volts for phase in "abc"}
    between = {f"voltage_{pair}": 3824.0 for pair in ("ab", "bc", "ca")}
    line.be(7, profiles["chint_dtsu666"], {**volt, **between, "frequency": 4992.0}, order)
    [device] = await looked_at(line, profiles, 7)
    assert device.best is not None
    assert (device.best.profile.profile, device.best.order) == ("chint_dtsu666", order)
    assert device.best.certainty is Certainty.PLAUSIBLE_TURNED
    told = {each.point.spec.id: each.value for each in device.best.told}
    assert told["voltage_a"] == pytest.approx(volts / 10)


@pytest.mark.asyncio
async def test_one_value_that_makes_sense_by_chance_in_another_order_says_nothing() -> None:
    """A gas meter's temperature in the wrong order is -0.0006 or 17: that alone does not make a water meter one."""
    profiles = library("aoke_vortex_gas")
    line = LookedOver()
    line.be(11, profiles["aoke_vortex_gas"], {"gas_temperature": 17.0, "volume": 5.0}, "DCBA")
    [device] = await looked_at(line, profiles, 11)
    assert [fit.certainty for fit in device.fits if fit.order is not None] == []


@pytest.mark.asyncio
async def test_a_device_that_refuses_what_a_profile_reads_is_not_that_device() -> None:
    line, profiles = LookedOver(), library("chint_dtsu666", "xy_md02")
    line.put(20, 1, 217, 493, table=Table.INPUT)
    [device] = await looked_at(line, profiles, 20)
    assert [fit.profile.profile for fit in device.fits] == ["xy_md02"]


@pytest.mark.asyncio
async def test_a_device_that_nobody_knows_fits_nothing_nor_does_a_meter_without_a_frequency() -> None:
    line, profiles = LookedOver(), library("chint_dtsu666", "aoke_vortex_gas")
    line.put(5, 40000, 1)
    line.be(6, profiles["chint_dtsu666"], {})
    line.be(7, profiles["aoke_vortex_gas"], {})
    unknown, empty, silent = await looked_at(line, profiles, 5, 6, 7)
    assert (list(unknown.fits), unknown.best) == ([], None)
    assert "chint_dtsu666" not in [fit.profile.profile for fit in empty.fits], "0 Hz is no frequency"
    assert [(fit.profile.profile, fit.certainty) for fit in silent.fits] == [("aoke_vortex_gas", Certainty.READABLE)]


def marked(name: str, *, equals: int) -> Profile:
    """A meter whose register 99 tells the model."""
    return meter(
        named(id="voltage_a", address=0, quantity="voltage", unit="V"),
        identify={"registers": [{"table": "holding", "address": 99, "equals": [equals]}]},
    ).model_copy(update={"profile": name})


@pytest.mark.parametrize(("holds", "name"), [(0, "zero"), (7, "seven")])
@pytest.mark.asyncio
async def test_a_register_that_tells_the_model_decides_also_when_it_tells_zero(holds: int, name: str) -> None:
    line = LookedOver()
    line.put(1, 0, 229)
    line.put(1, 99, holds)
    profiles = {
        "zero": marked("zero", equals=0),
        "seven": marked("seven", equals=7),
        "plain": meter(named(id="voltage_a", address=0, quantity="voltage", unit="V")),
    }
    [device] = await looked_at(line, profiles, 1)
    assert [(fit.profile.profile, fit.certainty) for fit in device.fits] == [
        (name, Certainty.MARKED),
        ("made", Certainty.PLAUSIBLE),
    ]


@pytest.mark.asyncio
async def test_what_was_asked_for_one_profile_is_not_asked_again_for_the_next() -> None:
    line, profiles = LookedOver(), library("chint_dtsu666")
    line.be(2, profiles["chint_dtsu666"], METER)
    await looked_at(line, {"a": profiles["chint_dtsu666"], "b": profiles["chint_dtsu666"]}, 2)
    assert len(line.asked) == len(set(line.asked))


@pytest.mark.asyncio
async def test_a_line_that_breaks_is_told_and_closed() -> None:
    line = LookedOver()
    line.put(2, 0, 1)
    line.down = True
    with pytest.raises(LinkDown):
        await looked_at(line, library("chint_dtsu666"), 2)
    assert line.closed == line.opened == 1


VOLTS = meter(named(id="voltage_a", address=0, quantity="voltage", unit="V"))
WITH_BATTERY = meter(named(id="battery", address=0, quantity="voltage", unit="V", high=20))


@pytest.mark.parametrize(
    ("value", "status", "likely"),
    [
        (229.0, Status.GOOD, Likeness.FITS),
        (90.0, Status.GOOD, Likeness.FITS),
        (89.9, Status.GOOD, Likeness.CONTRADICTS),
        (0.0, Status.GOOD, Likeness.SILENT),
        (-0.0006, Status.GOOD, Likeness.SILENT),
        (None, Status.TIMEOUT, Likeness.SILENT),
        (None, Status.NOT_AVAILABLE, Likeness.SILENT),
        (None, Status.EXCEPTION, Likeness.CONTRADICTS),
        (None, Status.OUT_OF_RANGE, Likeness.CONTRADICTS),
    ],
)
def test_what_a_voltage_says_for_a_meter(value: float | None, status: Status, likely: Likeness) -> None:
    assert likeness(VOLTS, "voltage_a", value, status) is likely


def test_nothing_is_expected_of_a_voltage_that_the_profile_keeps_below_the_mains() -> None:
    assert expected_of(WITH_BATTERY) == {}
    assert expected_of(VOLTS) == {"voltage_a": (90.0, 450.0)}
