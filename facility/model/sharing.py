"""Whether the electricity of outdoor units can be shared out by the method chosen."""

from __future__ import annotations

from typing import Final

from facility.model.entries import IndoorUnit, OutdoorUnit
from facility.model.index import MEDIA, Index
from facility.model.near import listing
from facility.model.problems import Severity
from facility.model.validation import Valid
from facility.model.wires import say
from facility.text import Text

OPENING: Final = "eev"
"""The point that tells how far a unit's expansion valve is open."""

Units = list[tuple[Valid, IndoorUnit]]


def check_sharing(index: Index) -> None:
    """Tells outdoor units that lack the meter, and indoor units that lack the readings, that their split needs."""
    for valid, outdoor in index.draft.of(OutdoorUnit):
        units = [(place, unit) for place, unit in index.draft.of(IndoorUnit) if unit.outdoor_unit == outdoor.id]
        if outdoor.split == "none":
            continue
        _check_meter(index, valid, outdoor, is_shared=bool(units))
        if outdoor.split == "heat":
            _check_heat(index, valid, outdoor, units)
        if outdoor.split == "valve":
            _check_valves(index, valid, outdoor, units)


def _check_meter(index: Index, valid: Valid, outdoor: OutdoorUnit, *, is_shared: bool) -> None:
    if outdoor.meter is None:
        if is_shared:
            what = Text(
                f"室外机 `{outdoor.id}` 没有 `meter`，其用电无法分摊；没有电表请写 `split: none`",
                f"outdoor unit `{outdoor.id}` has no `meter`, so its electricity cannot be shared out; "
                "without one write `split: none`",
            )
            say(index, valid.path, "unmetered_outdoor", what, severity=Severity.WARNING)
        return
    medium = index.medium_of(outdoor.meter)
    if index.kinds.get(outdoor.meter) == "virtual_meter" and medium not in (None, "electricity"):
        what = Text(
            f"`meter` 指向的 `{outdoor.meter}` 计{MEDIA[medium or ''].zh}，应计电",
            f"`meter` refers to `{outdoor.meter}`, which meters {medium}; expected electricity",
        )
        say(index, (*valid.path, "meter"), "wrong_kind", what)


def _check_heat(index: Index, valid: Valid, outdoor: OutdoorUnit, units: Units) -> None:
    without = [unit.id for _, unit in units if unit.heat_meter is None]
    if without:
        what = Text(
            f"`{outdoor.id}` 按热量分摊，而内机 {listing(without)} 没有 `heat_meter`",
            f"`{outdoor.id}` is split by heat, but {listing(without)} have no `heat_meter`; expected one each",
        )
        say(index, (*valid.path, "split"), "missing_heat_meter", what)


def _check_valves(index: Index, valid: Valid, outdoor: OutdoorUnit, units: Units) -> None:
    without = [unit.id for _, unit in units if not _tells_opening(index, unit)]
    if without:
        what = Text(
            f"`{outdoor.id}` 按阀门开度分摊，而内机 {listing(without)} 没有测点 `{OPENING}`，只能估算",
            f"`{outdoor.id}` is split by valve opening, but {listing(without)} have no point `{OPENING}`; "
            "they can only be estimated",
        )
        say(index, (*valid.path, "split"), "missing_opening", what, severity=Severity.WARNING)


def _tells_opening(index: Index, unit: IndoorUnit) -> bool:
    profile = index.profile_of(unit.device)
    return profile is None or any(point.id == OPENING for point in profile.points)
