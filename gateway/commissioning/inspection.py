"""What each device that answered is likely to be, and what it says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from facility.model.entries import Link
from facility.profiles.schema import Plate, Profile, WireProtocol
from facility.text import Text
from gateway.commissioning.probing import ProbedLine
from gateway.commissioning.reading import read_points
from gateway.commissioning.recognising import Candidate, Certainty, candidates, read_value
from gateway.commissioning.scanning import Connect, Found, National, Progress
from gateway.commissioning.trial_site import trial_site
from gateway.modbus.connect import connect_modbus


@dataclass(frozen=True, slots=True, kw_only=True)
class PlateLine:
    """One line of a nameplate; `said` is None where it could not be read."""

    plate: Plate
    said: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspected:
    """One device. `unit` of a Modbus device, `address` of a national meter; `fits` the likeliest first, empty where no
    profile does; `plate` what the nameplate says by the likeliest.
    """

    unit: int | None
    address: str | None
    fits: Sequence[Candidate]
    plate: Sequence[PlateLine]

    @property
    def best(self) -> Candidate | None:
        """The likeliest profile."""
        return self.fits[0] if self.fits else None


async def inspect(
    found: Found,
    profiles: Mapping[str, Profile],
    *,
    timeout_s: float,
    progress: Progress,
    connect: Connect = connect_modbus,
) -> list[Inspected]:
    """Every device of a scanned line tried with every profile that it may be.

    Raises:
        LinkDown: the line broke.
    """
    transport = connect("scan", found.link)
    line = ProbedLine(transport, timeout_s=timeout_s)
    inspected = []
    try:
        total = len(found.units) + len(found.national)
        for done, unit in enumerate(found.units):
            what = Text(f"识别站号 {unit} 的设备", f"recognising unit {unit}")
            progress(what, done, total)
            fits = [fit async for fit in candidates(line, found.link, unit, profiles.values())]
            inspected.append(await _unit(line, unit, sorted(fits, key=lambda fit: fit.rank, reverse=True)))
        for meter in found.national:
            fits = [await _read_as(line, found.link, meter, profile) for profile in _of(meter, profiles)]
            known = [fit for fit in fits if any(each.value is not None for each in fit.told)]
            ordered = sorted(known, key=lambda fit: fit.rank, reverse=True)
            inspected.append(Inspected(unit=None, address=meter.number, fits=ordered, plate=()))
    finally:
        await transport.close()
    return inspected


async def _unit(line: ProbedLine, unit: int, fits: Sequence[Candidate]) -> Inspected:
    plates = fits[0].profile.nameplate if fits else ()
    lines = [PlateLine(plate=plate, said=_shown(plate, await read_value(line, unit, plate))) for plate in plates]
    return Inspected(unit=unit, address=None, fits=fits, plate=lines)


def _shown(plate: Plate, said: int | float | str | None) -> str | None:
    if said is None or isinstance(said, str):
        return said
    number = float(said) * float(plate.scale)
    return f"{number:.10g} {plate.unit or ''}".strip()


def _of(meter: National, profiles: Mapping[str, Profile]) -> list[Profile]:
    protocol = WireProtocol.DLT645 if meter.meter_type is None else WireProtocol.CJT188
    return [
        profile
        for profile in profiles.values()
        if profile.protocol is protocol and profile.frame.meter_type == meter.meter_type
    ]


async def _read_as(line: ProbedLine, link: Link, meter: National, profile: Profile) -> Candidate:
    told = await read_points(line, trial_site(profile, link, address=meter.number))
    return Candidate(
        profile=profile, certainty=Certainty.MARKED, order=None, fitting=0, contradicting=0, told=told
    )  # fmt: skip
