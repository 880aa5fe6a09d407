"""A trial over days of the small building, as a ledger: permitted, used, started, stopped, and against what."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from controller.replay.recording import Past
from controller.replay.trial import checked_request, run_trial, tried_policy
from facility.commands import Actor, Mode, Role, Wish
from facility.errors import EntryRefused
from facility.filings import Filing, FilingKind, FilingState, Relaxation
from facility.store.embedded import EmbeddedStore
from facility.trials import LONGEST_DAYS, Estimate, PolicyChoice, PolicyOutcome, TrialRequest, TrialResult
from tests.controller.building import WEDNESDAY, local
from tests.controller.replay.days import Lived

OWN = PolicyChoice(name="own")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    made = EmbeddedStore(tmp_path / "store")
    yield made
    made.close()


def tried(
    lived: Lived, store: EmbeddedStore, *policies: PolicyChoice, start: str = "07:00", end: str = "18:00",
    past: Past | None = None, day: date = WEDNESDAY,
) -> TrialResult:  # fmt: skip
    lived.keep(store)
    request = TrialRequest(start=local(start, day), end=local(end, day), policies=policies or (OWN,))
    return run_trial(lived.site, store, lived.past() if past is None else past, request)


def parameters(**values: Any) -> PolicyChoice:
    return PolicyChoice(name=",".join(values), policy={"parameters": values})


def codes(outcome: PolicyOutcome, what: str) -> dict[str, int]:
    return {one.code: one.count for one in getattr(outcome, what)}


def test_a_hot_day_under_its_own_policy_is_used_as_permitted(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("18:00")
    own = tried(lived, store).outcomes[0]
    assert own.supply["office"].cooling_h == pytest.approx(9.0, abs=0.05)
    assert own.supply["office"].heating_h == 0.0
    assert own.permitted.cooling_h == pytest.approx(18.0, abs=0.1), "two units, nine hours; the archive is not counted"
    assert own.used.cooling_h == pytest.approx(18.0, abs=0.2)
    assert own.used_permitted.cooling_h == pytest.approx(own.used.cooling_h, abs=0.1)
    assert own.forbidden_h < 0.1
    assert own.violations == ()
    assert own.starts == 2
    assert codes(own, "stops") == {"after-window": 2}
    assert [(one.office, one.units) for one in own.offices] == [("finance", 1), ("general", 1)]
    assert own.unknown.outdoor == 0.0
    assert own.unknown.forecast == 0.0
    assert own.unknown.units == 0.0


def test_a_stricter_policy_takes_hours_and_says_from_whom_and_by_which_clause(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("18:00")
    own, strict = tried(lived, store, OWN, parameters(cooling_permit_c=38.0)).outcomes
    assert strict.permitted.cooling_h == 0.0
    assert strict.wanted_h == 0.0
    assert strict.starts == 0
    assert strict.used == own.used, "the record is the same whatever is tried"
    assert strict.forbidden_h == pytest.approx(strict.used.cooling_h)
    assert codes(strict, "violations") == {"cooling-permit-refused": 2}
    assert strict.violations[0].clause == "AC-01"
    assert strict.violations[0].hours == pytest.approx(18.0, abs=0.3)
    assert strict.offices[0].forbidden_h == pytest.approx(9.0, abs=0.2)


def test_a_wider_window_permits_more_and_forbids_nothing_of_the_record(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("19:00")
    own, wide = tried(lived, store, OWN, parameters(window="07:30-18:00", permit_at="07:30"), end="19:00").outcomes
    assert wide.permitted.cooling_h - own.permitted.cooling_h == pytest.approx(3.0, abs=0.1)
    assert wide.forbidden_h < 0.1
    assert wide.avoided_kwh == Estimate(value=0.0, low=0.0, high=0.0), "nothing was against it: that is known"


def test_a_unit_left_on_after_the_window_is_a_violation_of_its_length(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("16:30")
    lived.obeys = False
    lived.run_until("18:30")
    own = tried(lived, store, end="18:30").outcomes[0]
    left_on = next(one for one in own.violations if one.code == "after-window")
    assert (left_on.clause, left_on.count) == ("AC-05", 2)
    assert left_on.hours == pytest.approx(3.0, abs=0.1)


def test_a_setpoint_below_the_limit_is_told_and_is_no_forbidden_hour(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("10:00")
    lived.obeys = False
    lived.set_unit("ac-401", Wish(setpoint_c=24.0))
    lived.run_until("11:00")
    own = tried(lived, store, end="11:00").outcomes[0]
    assert codes(own, "violations") == {"setpoint-cool": 1}
    assert own.violations[0].hours == pytest.approx(1.0, abs=0.1)
    assert own.forbidden_h < 0.1


def test_heating_on_a_hot_day_is_a_mode_that_is_not_permitted(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("10:00")
    lived.obeys = False
    lived.set_unit("ac-401", Wish(on=True, mode=Mode.HEAT, setpoint_c=22.0))
    lived.run_until("11:00")
    own = tried(lived, store, end="11:00").outcomes[0]
    assert sum(one.hours or 0.0 for one in own.violations) == pytest.approx(1.0, abs=0.1)
    assert own.used.heating_h == pytest.approx(1.0, abs=0.1)
    assert own.used_permitted.heating_h == 0.0


def test_an_open_window_stops_and_is_counted(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("10:00")
    lived.contacts["window-401.open"] = 1.0
    lived.run_until("10:30")
    lived.contacts["window-401.open"] = 0.0
    lived.run_until("12:00")
    own = tried(lived, store, end="12:00").outcomes[0]
    assert codes(own, "stops") == {"window-open": 1}
    assert own.starts == 3
    patient = tried(lived, store, parameters(window_open_s=3600.0), end="12:00").outcomes[0]
    assert codes(patient, "stops") == {}


def test_without_forecast_and_outdoors_nothing_is_permitted_and_that_is_called_unknown(
    store: EmbeddedStore,
) -> None:
    lived = Lived(local("05:00"), forecast_c=None, outdoor_c=None)
    lived.run_until("18:00")
    own = tried(lived, store).outcomes[0]
    assert own.permitted.both_h == 0.0
    assert own.unknown.outdoor == 1.0
    assert own.unknown.forecast is not None
    assert own.unknown.forecast > 0.95
    assert own.unknown.units == 0.0, "the units answered all the time"
    assert own.supply["office"].both_h == 0.0


def test_no_record_at_all_is_no_use_and_no_permission(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    request = TrialRequest(start=local("07:00"), end=local("18:00"), policies=(OWN,))
    own = run_trial(lived.site, store, Past(), request).outcomes[0]
    assert (own.used.both_h, own.forbidden_h, own.permitted.both_h) == (0.0, 0.0, 0.0)
    assert own.unknown.outdoor == 1.0
    assert own.avoided_kwh.value is None


def test_zero_degrees_outdoors_is_a_temperature(store: EmbeddedStore) -> None:
    winter = date(2026, 1, 14)
    lived = Lived(local("05:00", winter), forecast_c=0.0, outdoor_c=0.0)
    for unit in lived.rooms:
        lived.rooms[unit] = 18.0
    lived.run_until("18:00", winter)
    own = tried(lived, store, day=winter).outcomes[0]
    assert own.supply["office"].heating_h == pytest.approx(9.0, abs=0.05)
    assert own.used.heating_h == pytest.approx(18.0, abs=0.2)
    assert own.unknown.outdoor == 0.0


def test_what_was_filed_widens_the_trial_too(store: EmbeddedStore) -> None:
    lived = Lived(local("05:00"))
    lived.run_until("20:00")
    filing = Filing(
        id=1, kind=FilingKind.EXCEPTION, state=FilingState.APPROVED, applicant=Actor(name="财务科", role=Role.VIEWER),
        filed_at=local("09:00"), start=local("17:00"), end=local("19:00"), relaxes=Relaxation(hours=True),
        reason="加班",
    )  # fmt: skip
    filed = Past(forecasts=lived.forecasts, filings=[filing])
    own = tried(lived, store, past=filed, end="20:00").outcomes[0]
    assert own.permitted.cooling_h == pytest.approx(22.0, abs=0.2)


def test_a_trial_tells_how_far_it_is(store: EmbeddedStore) -> None:
    lived, said = Lived(local("05:00")), []
    request = TrialRequest(start=local("00:00"), end=local("00:00") + timedelta(days=10), policies=(OWN,))
    run_trial(lived.site, store, Past(), request, progress=lambda done, total: said.append((done, total)))
    assert said == [(0, 2), (1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("start", "end", "names", "field"),
    [
        ("08:00", "08:00", ("a",), "end"),
        ("09:00", "08:00", ("a",), "end"),
        ("08:00", "09:00", (), "policies"),
        ("08:00", "09:00", ("a", "a"), "policies"),
        ("08:00", "09:00", ("a", " "), "policies"),
        ("08:00", "09:00", ("a", "b", "c", "d", "e"), "policies"),
    ],
)
def test_a_request_that_cannot_be_is_refused(start: str, end: str, names: tuple[str, ...], field: str) -> None:
    policies = tuple(PolicyChoice(name=name) for name in names)
    with pytest.raises(EntryRefused) as refused:
        checked_request(TrialRequest(start=local(start), end=local(end), policies=policies))
    assert refused.value.field == field


def test_a_span_of_more_than_a_year_and_a_month_is_refused() -> None:
    start: datetime = local("08:00")
    with pytest.raises(EntryRefused):
        checked_request(TrialRequest(start=start, end=start + timedelta(days=LONGEST_DAYS + 1), policies=(OWN,)))


def test_a_policy_with_mistakes_is_refused_with_all_of_them(store: EmbeddedStore) -> None:
    file = Lived(local("05:00")).file
    wrong = {"parameters": {"cooling_permit": 31.0, "setpoint_min_cool_c": "warm"}}
    with pytest.raises(EntryRefused) as refused:
        tried_policy(file, PolicyChoice(name="wrong", policy=wrong))
    assert "cooling_permit" in refused.value.text.en
    assert "setpoint_min_cool_c" in refused.value.text.zh
    with pytest.raises(EntryRefused):
        tried_policy(file, PolicyChoice(name="strange", policy={"presets": "x"}))


def test_of_a_policy_with_thousands_of_mistakes_the_first_are_told() -> None:
    file = Lived(local("05:00")).site.file
    wrong = {"rules": [{"id": f"rule-{number}"} for number in range(2000)]}
    with pytest.raises(EntryRefused) as refused:
        tried_policy(file, PolicyChoice(name="wrong", policy=wrong))
    assert "rules.0" in refused.value.text.en
    assert refused.value.text.en.endswith("…")
    assert len(refused.value.text.en) < 20_000
