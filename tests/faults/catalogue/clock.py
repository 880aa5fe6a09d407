"""Clocks that are wrong, days that are not as long as others, and the calendar."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

FAULTS: Final = (
    Fault(
        number=32,
        part="running",
        fault="the clock is set by -2 h or +3 d while everything runs",
        provoked="libfaketime on `houqin run`; two clocks moved by hand",
        asserted="time never jumps for what is under way; everything begins anew with the new time; the journal has"
        " `clock_jump`; a small correction is followed",
        tests=(
            "faults/test_clock.py::test_a_jump_is_told_and_not_followed",
            "faults/test_clock.py::test_a_run_waits_for_a_believable_clock_and_begins_anew_when_it_is_set",
        ),
        guard=Guard(
            file="facility/clock.py",
            old="        if abs(ahead_s - self._ahead_s) <= FOLLOWED_S:\n            self._ahead_s = ahead_s\n",
            new="        self._ahead_s = ahead_s\n",
        ),
    ),
    Fault(
        number=32,
        part="readings",
        fault="readings of before the clock was set back lie ahead",
        provoked="a store with readings of two hours and of three days ahead; a counter read under both clocks",
        asserted="the live image goes on with what is read now, nothing is taken back, nothing counts twice",
        tests=(
            "faults/test_clock_set_back.py::"
            "test_after_the_clock_was_set_back_the_live_image_goes_on_with_what_is_read_now",
            "faults/test_clock_set_back.py::"
            "test_a_counter_read_under_a_clock_two_hours_ahead_counts_nothing_twice_when_it_is_set_back",
        ),
        guard=Guard(
            file="houqin/house.py",
            old="live.seed(reading for reading in stored.values() if reading.time <= now)",
            new="live.seed(stored.values())",
        ),
    ),
    Fault(
        number=32,
        part="held",
        fault="the clock is set back with a fire signal latched or a person's order standing",
        provoked="a saved state of a later time",
        asserted="both hold on",
        tests=(
            "controller/acting/test_fire.py::test_it_and_a_persons_order_hold_over_a_clock_that_is_set_back",
            "controller/test_outcomes.py::test_a_state_from_the_future_is_not_used",
        ),
        guard=Guard(
            file="controller/memory.py",
            old="kept = (proposal for proposal in part.proposals if _outlives_the_clock(proposal))",
            new="kept = (proposal for proposal in part.proposals if proposal.until == now)",
        ),
    ),
    Fault(
        number=33,
        fault="the machine starts at 1970",
        provoked="libfaketime",
        asserted="nothing begins, nothing is written; it begins once the clock is set",
        tests=("faults/test_clock.py::test_a_run_waits_for_a_believable_clock_and_begins_anew_when_it_is_set",),
        guard=Guard(
            file="houqin/timekeeping.py",
            old="        if clock.now() >= EARLIEST and not clock.jump_s:\n",
            new="        if not clock.jump_s:\n",
        ),
    ),
    Fault(
        number=None,
        part="machine suspended",
        fault="the machine was suspended",
        provoked="the boot clock moved by hand",
        asserted="the lease is over at the first look; the time is right at once",
        tests=(
            "faults/test_clock.py::test_a_machine_that_slept_shows_the_time_of_its_waking",
            "controller/acting/test_lease.py::test_one_that_was_frozen_does_not_act_before_it_holds_the_lease_anew",
        ),
        guard=Guard(
            file="controller/lease.py",
            old="        return self._now_s() < self._until_s\n",
            new='        return self._until_s > float("-inf")\n',
        ),
    ),
    Fault(
        number=34,
        fault="days of 23 and 25 hours, an hour that comes twice, Shanghai an hour ahead in 1988",
        provoked="one kWh an hour over both changes in Berlin, Jerusalem, Chicago, and Shanghai of 1988",
        asserted="stored in UTC; such a day has 23 or 25 hours and as many kWh, every row its own beginning",
        tests=(
            "api/test_usage.py::test_the_days_of_a_change_of_daylight_saving_have_their_own_length",
            "facility/store/test_contract_aggregates.py::test_local_days_are_as_long_as_they_are",
            "api/test_spans.py::test_a_day_before_a_change_of_daylight_saving_has_its_own_length",
        ),
        guard=Guard(
            file="facility/local_days.py",
            old="    return datetime.combine(day, time(0), zone).astimezone(UTC)\n",
            new="    new_year = datetime(day.year, 1, 1, tzinfo=zone).utcoffset()\n"
            "    return datetime.combine(day, time(0), UTC) - (new_year or timedelta(0))\n",
        ),
    ),
    Fault(
        number=35,
        part="holidays",
        fault="holidays, days in lieu, make-up workdays",
        provoked="every day of 2026 against the State Council's announcement; years nobody announced",
        asserted="exactly as announced; a year nobody announced is provisional and asked for",
        tests=(
            "facility/test_calendar.py::test_2026_is_exactly_as_announced",
            "facility/test_calendar.py::test_a_year_nobody_announced_has_statutory_days_and_no_make_up_workdays",
            "controller/test_day_ledgers.py::test_a_make_up_workday_is_a_workday",
        ),
        guard=Guard(
            file="facility/calendar.py",
            old="        if is_announced(when.year):\n            return announced_day(when)\n",
            new="",
        ),
    ),
    Fault(
        number=35,
        part="month ends",
        fault="29 February, ends of months and years",
        provoked="spans over each of them, compared with those before",
        asserted="a month is compared with a month however long both are; 29 February with nothing a year before",
        tests=("api/test_spans.py::test_the_same_a_year_before", "api/test_spans.py::test_the_one_before"),
        guard=Guard(
            file="api/services/spans.py",
            old="        return month_before(first, (last.year - first.year) * 12 + last.month - first.month)\n",
            new="        return first - (last - first)\n",
        ),
    ),
)
