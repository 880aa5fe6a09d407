"""Days that nobody would plan, read by the law: sensors fail, people interfere, what is filed comes and goes.

`HOUQIN_AUDIT_SEEDS=0..200 HOUQIN_AUDIT_MINUTES=900 pytest tests/controller/audit/test_histories.py` reads more of them.
"""

from __future__ import annotations

import os
from typing import Any

import pytest

from tests.controller.audit.history import Life

_FIRST, _, _LAST = os.environ.get("HOUQIN_AUDIT_SEEDS", "0..3").partition("..")
SEEDS = range(int(_FIRST), int(_LAST))
MINUTES = int(os.environ.get("HOUQIN_AUDIT_MINUTES", "240"))
FORGOTTEN = frozenset({"room", "deaf", "lost"})
"""What a restart begins anew with on purpose: the ten minutes of a room's mean, and the patience with what fails."""


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_the_law_holds_and_what_should_run_runs(seed: int) -> None:
    told = Life(seed, MINUTES).live()
    assert told.found == []
    assert told.running > MINUTES, "a building in which nothing ran but the archive tells nothing"


@pytest.mark.parametrize(
    ("seed", "wrong"),
    [
        (0, {"window": "08:00-17:20"}),
        (3, {"cooling_measured_c": 29.0}),
        (0, {"measured_hold_s": 3600}),
        (0, {"setpoint_min_cool_c": 27.0}),
        (2, {"put_back_s": 600}),
        (0, {"stagger_s": 0}),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else str(value),
)
def test_the_law_sees_a_controller_that_goes_by_other_numbers(seed: int, wrong: dict[str, Any]) -> None:
    assert Life(seed, MINUTES, policy={"parameters": wrong}).live().found


@pytest.mark.parametrize(("seed", "restarts"), [(1, (70, 95, 140)), (2, (35, 111))])
def test_a_restart_changes_nothing_that_a_building_does(seed: int, restarts: tuple[int, ...]) -> None:
    length = 160
    straight = Life(seed, length, looks=False, without=FORGOTTEN).live()
    restarted = Life(seed, length, looks=False, without=FORGOTTEN, restarts=restarts).live()
    assert restarted.states == straight.states


def test_the_same_history_is_lived_alike() -> None:
    one, other = Life(3, 120, looks=False).live(), Life(3, 120, looks=False).live()
    assert (one.commands, one.switched) == (other.commands, other.switched)
