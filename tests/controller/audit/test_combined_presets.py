"""Presets and parameters in any combination: the strictest of each clause holds, or an error names both (X-01)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from itertools import combinations, permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.policy.library import presets
from controller.policy.site_policy import SitePolicy, check_policy, load_policy
from facility.commands import Mode
from facility.errors import PolicyError
from facility.model import SiteFile
from facility.model.entries import ZoneClass
from tests.sites import small_site_data

GIVEN: dict[str, Any] = {
    "window": "08:30-17:30", "cooling_season": "06-01..09-30", "heating_season": "11-15..03-15", "heater_power_kw": 1.2,
}  # fmt: skip
"""What an office gives where a document leaves it open."""
OFFICE = sorted(set(presets()) - {"archive_room", "server_room"})
CLASSES = (ZoneClass.OFFICE, ZoneClass.MEETING, ZoneClass.PUBLIC, ZoneClass.DUTY_ROOM)


def site_file(chosen: Sequence[str], parameters: dict[str, Any]) -> SiteFile:
    """The small site by these presets."""
    data = small_site_data()
    data["policy"] = {"preset": chosen[0], "also": list(chosen[1:]), "parameters": parameters}
    return SiteFile.model_validate(data)


@cache
def policy_of(chosen: tuple[str, ...]) -> SitePolicy:
    """The presets together, with what they ask for."""
    problems = [str(problem) for problem in check_policy(site_file(chosen, {})) if problem.severity == "error"]
    missing = {name for problem in problems for name in re.findall(r"parameter `(\w+)` is missing", problem)}
    return load_policy(site_file(chosen, {name: GIVEN[name] for name in missing}))


COMBINED = [*list(permutations(OFFICE, 2))[::2], *list(combinations(OFFICE, 3))[::9]]


@pytest.mark.parametrize("part", range(2))
def test_of_presets_together_the_strictest_holds_or_both_sides_are_named(part: int) -> None:
    for chosen in COMBINED[part::2]:
        if set(chosen) >= {"county_bureau_literal", "hunan_bureau_2022"}:
            with pytest.raises(PolicyError, match=r"county_bureau_literal \(AC-16\).*hunan_bureau_2022 \(AC-03\)"):
                policy_of(chosen)
            continue
        policy = policy_of(chosen)
        for name in chosen:
            assert_as_strict(policy, policy_of((name,)), f"{chosen} beside {name}")


def assert_as_strict(policy: SitePolicy, alone: SitePolicy, what: str) -> None:
    for zone_class in CLASSES:
        together, single = policy.of_class(zone_class), alone.of_class(zone_class)
        assert single.enforced <= together.enforced, what
        if "window" in single.enforced and together.parameters.window != single.parameters.window:
            window, own = together.parameters.window, single.parameters.window
            assert (own.start <= window.start and window.end <= own.end) or str(own) == GIVEN["window"], what
        if single.has_seasons and "setpoint" in single.enforced:
            for mode, own_range in single.cooling_modes.items():
                found = together.cooling_modes[mode]
                assert own_range.low_c is None or (found.low_c is not None and found.low_c >= own_range.low_c), what
            own_high = single.heating_modes[Mode.HEAT].high_c
            high_c = together.heating_modes[Mode.HEAT].high_c
            assert own_high is None or (high_c is not None and high_c <= own_high), what
        for name in ("cooling_permit_c", "cooling_measured_c", "room_min_cool_c"):
            if name in presets()[single.preset].parameters:
                assert getattr(together.parameters, name) >= getattr(single.parameters, name), what


NUMBERS = {
    "cooling_permit_c": (0.0, 40.0), "heating_permit_c": (-5.0, 40.0), "cooling_measured_c": (0.0, 40.0),
    "heating_measured_c": (-5.0, 40.0), "setpoint_min_cool_c": (16.0, 32.0), "setpoint_max_heat_c": (10.0, 32.0),
    "room_min_cool_c": (16.0, 32.0), "room_max_heat_c": (10.0, 32.0), "room_tolerance_k": (0.0, 2.0),
    "setpoint_ceiling_c": (16.0, 32.0),
}  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(
    st.fixed_dictionaries(
        {}, optional={name: st.floats(*ends).map(lambda value: round(value, 1)) for name, ends in NUMBERS.items()}
    )
)
def test_no_numbers_that_are_taken_permit_heating_and_cooling_at_once(parameters: dict[str, float]) -> None:
    file = site_file(("hunan_bureau_2022",), dict(parameters))
    problems = [str(problem) for problem in check_policy(file) if problem.severity == "error"]
    if problems:
        assert all(any(name in problem for name in NUMBERS) for problem in problems)
        return
    policy = load_policy(file)
    p = policy.of_class(ZoneClass.OFFICE).parameters
    assert p.heating_permit_c < p.cooling_permit_c
    assert p.heating_measured_c < p.cooling_measured_c
    for name, value in parameters.items():
        assert getattr(p, name) == value
