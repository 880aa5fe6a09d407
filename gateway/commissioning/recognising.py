"""Which profiles a device on the line fits, the likeliest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Final

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, NoAnswer
from facility.model.entries import Link
from facility.profiles.schema import Limits, Mark, ModbusPoint, Order, Profile, RegisterValue, WireProtocol
from gateway.commissioning.likeness import ORDERS, STRANGE, UNSAID, Likeness, expected_of, in_order, likeness
from gateway.commissioning.probing import ProbedLine
from gateway.commissioning.reading import Told, read_points
from gateway.commissioning.trial_site import trial_site
from gateway.raw import number_of, pattern_of, text_of

ENOUGH: Final = 3
"""So many fitting values are as good as more: long profiles are not likelier for being long."""
FITTING_WHEN_TURNED: Final = 2


class Certainty(IntEnum):
    """How far a profile is to be believed."""

    READABLE = 1
    PLAUSIBLE_TURNED = 2
    PLAUSIBLE = 3
    MARKED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A profile that a device fits. `order`: the word order in which its values make sense, None where it is the
    profile's own. Of the values that ought to look like something, `fitting` do and `contradicting` do not; `told` is
    all it says.
    """

    profile: Profile
    certainty: Certainty
    order: Order | None
    fitting: int
    contradicting: int
    told: Sequence[Told]

    @property
    def known(self) -> int:
        """How many points have a value."""
        return sum(each.value is not None for each in self.told)

    @property
    def answered(self) -> int:
        """How many points the device has at all, whatever they say."""
        return sum(each.status not in UNSAID for each in self.told)

    @property
    def strange(self) -> int:
        """How many values of several registers are what they would not be in the right word order."""
        return sum(each.status in STRANGE and _is_long(each) for each in self.told)

    @property
    def rank(self) -> tuple[float, ...]:
        """The higher, the likelier. Registers that hold nothing speak for no profile."""
        something = sum(bool(each.value) for each in self.told)
        return self.certainty, min(self.fitting, ENOUGH), self.known / len(self.told), something, self.known


def _is_long(told: Told) -> bool:
    return isinstance(told.point.spec, ModbusPoint) and told.point.spec.registers > 1


async def candidates(
    line: ProbedLine, link: Link, unit: int, profiles: Iterable[Profile]
) -> AsyncIterator[Candidate]:  # fmt: skip
    """Every Modbus profile that the unit fits, as they are found.

    Raises:
        LinkDown: the line itself does not work.
    """
    for profile in profiles:
        if profile.protocol is not WireProtocol.MODBUS:
            continue
        found = await _tried(line, link, unit, profile)
        if found is not None:
            yield found


async def _tried(line: ProbedLine, link: Link, unit: int, profile: Profile) -> Candidate | None:
    marks = () if profile.identify is None else profile.identify.registers
    for mark in marks:
        if not await _holds(line, unit, mark):
            return None
    found = await _read_as(line, link, unit, profile, None)
    if marks:
        return replace(found, certainty=Certainty.MARKED) if found.known else None
    if 2 * found.answered < len(found.told):
        return None
    makes_sense = 2 * found.known >= len(found.told) and not found.contradicting
    if found.fitting and makes_sense:
        return replace(found, certainty=Certainty.PLAUSIBLE)
    turned = await _turned(line, link, unit, profile)
    return turned or (found if makes_sense else None)


async def _turned(line: ProbedLine, link: Link, unit: int, profile: Profile) -> Candidate | None:
    """The same in the word order in which its values make sense; one of them alone might do so by chance."""
    fits = []
    for order in ORDERS:
        turned = in_order(profile, order)
        if turned is None:
            continue
        other = await _read_as(line, link, unit, turned, order)
        if other.fitting >= FITTING_WHEN_TURNED and not other.contradicting and not other.strange:
            fits.append(replace(other, certainty=Certainty.PLAUSIBLE_TURNED))
    return max(fits, key=lambda fit: fit.rank, default=None)


async def _read_as(line: ProbedLine, link: Link, unit: int, profile: Profile, order: Order | None) -> Candidate:
    told = await read_points(line, trial_site(profile, link, unit=unit))
    expected = expected_of(profile)
    looks = Counter(
        likeness(profile, each.point.spec.id, each.value, each.status)
        for each in told
        if each.point.spec.id in expected
    )
    return Candidate(
        profile=profile,
        certainty=Certainty.READABLE,
        order=order,
        fitting=looks[Likeness.FITS],
        contradicting=looks[Likeness.CONTRADICTS],
        told=told,
    )


async def _holds(line: ProbedLine, unit: int, mark: Mark) -> bool:
    """Whether a register that tells the model says what it says on such a device."""
    said = await read_value(line, unit, mark)
    if said is None:
        return False
    if mark.equals:
        return said in mark.equals
    number = said if isinstance(said, int | float) else None
    return (
        number is not None and (mark.low is None or number >= mark.low) and (mark.high is None or number <= mark.high)
    )


async def read_value(line: ProbedLine, unit: int, value: RegisterValue) -> int | float | str | None:
    """What stands in registers that are no point: a mark, a line of the nameplate. None where it cannot be read."""
    try:
        raw = await line.read(unit, value.table, value.address, value.registers, Limits().timeout_ms / 1e3)
    except (NoAnswer, BadAnswer, DeviceRefused, DeviceBusy):
        return None
    if value.type == "string":
        return text_of(value, raw)
    return number_of(value.type, pattern_of(value, raw))
