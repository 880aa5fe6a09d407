"""A replay of made days says what the controller said on them: the journalled decisions are the reference."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest

from controller.arbitration import Slot
from controller.policy.site_policy import load_policy
from controller.replay.recording import Past, Recording
from controller.replay.track import Track
from controller.replay.trial import run_trial
from facility.bus import DecisionMade, ForecastReceived
from facility.calendar import Calendar
from facility.local_days import midnight
from facility.model import Site, build_site
from facility.readings import to_us
from facility.store.embedded import EmbeddedStore
from facility.trials import PolicyChoice, TrialRequest
from houqin.demo_site import load_demo_site
from houqin.past import DayOrder, MadeDay, make_day
from tests.controller.replay.days import Heard

DAYS = (date(2026, 7, 14), date(2026, 1, 14))
BEFORE_US, AFTER_US = 120_000_000, 240_000_000
"""A decision of a cycle may be a step or two of the trial earlier or later: readings come every five minutes."""
SETTLED = timedelta(hours=3)
"""The made day's controller began two hours before midnight, of which nothing is stored."""


class Day(NamedTuple):
    """A made day in a store of its own."""

    site: Site
    made: MadeDay
    store: EmbeddedStore
    past: Past


@pytest.fixture(scope="module", params=DAYS, ids=str)
def day(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    file, profiles = load_demo_site()
    site = build_site(file, profiles)
    until = midnight(request.param + timedelta(days=1), site.zone)
    used = {key: site.profiles[key] for key in site.profiles}
    made = make_day(DayOrder(file=file, profiles=used, day=request.param, until=until, seed=3))
    store = EmbeddedStore(Path(tmp_path_factory.mktemp("made")) / "store")
    store.append(made.batches)
    forecasts = [message for message in made.messages if isinstance(message, ForecastReceived)]
    yield Day(site, made, store, Past(forecasts=forecasts))
    store.close()


def test_the_rules_say_again_what_the_controller_journalled(day: Day) -> None:
    heard, start = Heard(), midnight(day.made.day, day.site.zone)
    track = Track(
        day.site, load_policy(day.site.file), Calendar.of(day.site.file), day.past, cadence_s=300.0, tally=heard
    )
    recording = Recording(day.store, told=track.told(), switched=track.switched(), looked=track.looked())
    track.run(recording.stretch(to_us(start), to_us(start + timedelta(days=1))))
    compared, wrong = 0, []
    for message in day.made.messages:
        if not isinstance(message, DecisionMade) or message.decision.slot == Slot.PERSON:
            continue
        one = message.decision
        if one.equipment not in heard.verdicts or one.time < start + SETTLED:
            continue
        compared += 1
        at_us = to_us(one.time)
        code = next(reason.rule for reason in one.reasons if reason.rule not in HELD_BACK)
        if (one.wanted.on, code) not in heard.said(one.equipment, at_us - BEFORE_US, at_us + AFTER_US):
            wrong.append((one.equipment, f"{one.time:%H:%M:%S}", one.wanted.on, code))
    assert compared > 100
    assert not wrong, wrong


HELD_BACK = frozenset({"min-off", "min-on", "mode-change", "put-back", "put-back-limit", "retry", "unit-unknown"})
"""What keeps a command back is the actuator's, not the rules'."""


def test_a_made_day_under_its_own_policy_was_used_as_permitted(day: Day) -> None:
    start = midnight(day.made.day, day.site.zone)
    strict = PolicyChoice(name="strict", policy={"parameters": {"cooling_permit_c": 39.0, "heating_permit_c": -10.0}})
    request = TrialRequest(start=start, end=start + timedelta(days=1), policies=(PolicyChoice(name="own"), strict))
    own, other = run_trial(day.site, day.store, day.past, request).outcomes
    used_h = own.used.both_h
    assert used_h > 20.0
    assert own.forbidden_h < 0.02 * used_h
    assert own.used == other.used
    assert other.forbidden_h > 0.9 * used_h - 24.0, "all but the duty room's, which has no forecast to wait for"
    assert other.avoided_kwh.value is None, "one day is too little to price anything"
    assert other.unpriced_h > 0.0
