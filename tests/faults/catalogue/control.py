"""What goes wrong around the controller, and the controller itself."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

_LEASE: Final = "controller/acting/test_lease.py::"
_FENCE: Final = "gateway/test_fence.py::"
_CONTROL: Final = "faults/test_control.py::"
_WALLS: Final = "controller/test_walls.py::"
_STARTS: Final = "controller/acting/test_starts.py::"
_RIVALS: Final = "faults/test_two_controllers.py::test_exactly_one_acts_through_kill_freeze_and_stop"
_DIES: Final = "faults/test_controller_dies.py::"

FAULTS: Final = (
    Fault(
        number=51,
        part="processes",
        fault="two controllers",
        provoked="two `houqin run` with two data folders on one PostgreSQL journal; a write log on the shared wire",
        asserted="one writes at a time; the standby says so and takes over within the lease and a cycle after kill -9,"
        " at once after a graceful end",
        tests=(
            "controller/acting/test_authority.py::test_a_standby_tells_nothing_and_answers_people_so",
            _RIVALS,
        ),
        guard=Guard(
            file="controller/authority.py",
            old="        if not self._lease.acting:\n            return STANDBY if self._lease.known else UNLED\n",
            new="",
        ),
    ),
    Fault(
        number=51,
        part="any order of events",
        fault="two controllers, whatever happens in whatever order",
        provoked="Hypothesis: waits, looks, frozen processes, a server that is away, its clock set",
        asserted="never two that act; the epoch never falls",
        tests=(
            f"{_LEASE}test_never_two_at_a_time",
            f"{_LEASE}test_a_servers_clock_that_is_set_changes_no_hands",
        ),
        guard=Guard(
            file="controller/lease.py",
            old="        if row is not None and (not row.is_over or asked_s < self._other_until_s):\n",
            new="        if row is not None and not row.is_over:\n",
        ),
    ),
    Fault(
        number=52,
        fault="the leader freezes and goes on",
        provoked="SIGSTOP, SIGCONT; an order of an earlier epoch",
        asserted="it writes nothing before it holds the lease anew",
        tests=(
            f"{_FENCE}test_what_passes_under_the_first_lease",
            f"{_FENCE}test_an_epoch_that_was_heard_of_in_an_order_ends_the_earlier_ones",
            _RIVALS,
        ),
        guard=Guard(
            file="gateway/fence.py",
            old="        if command.fence < self._newest:\n            return OUTDATED\n",
            new="",
        ),
    ),
    Fault(
        number=None,
        part="lease ends between two writes",
        fault="the lease ends between two writes of one order",
        provoked="the lease told over while the first register is written",
        asserted="the second is not written",
        tests=(f"{_FENCE}test_a_lease_that_ends_between_two_writes_stops_the_second",),
        guard=Guard(
            file="gateway/executor.py",
            old="            barred = self._guard.refusal(command)\n            if barred is not None:\n",
            new="            barred = self._guard.refusal(command)\n"
            "            if barred is not None and not self._sent:\n",
        ),
    ),
    Fault(
        number=None,
        part="journal away",
        fault="the journal is away",
        provoked="a server that does not answer; a file deleted",
        asserted="on a server nobody acts beyond the lease; in a file control goes on",
        tests=(
            f"{_LEASE}test_on_one_machine_a_journal_that_is_away_stops_nobody",
            f"{_LEASE}test_while_the_server_is_away_nobody_acts_beyond_the_lease",
            "controller/test_running.py::test_a_journal_that_is_away_stops_no_control_and_loses_no_event",
        ),
        guard=Guard(
            file="controller/lease.py",
            old="        except (StoreUnavailable, StoreDamaged, StoreRefused) as error:\n"
            '            log.debug("the lease was not renewed: %s", error)\n',
            new="        except (StoreUnavailable, StoreDamaged, StoreRefused):\n"
            "            self._until_s = asked_s + self._lease_s\n",
        ),
    ),
    Fault(
        number=None,
        part="everybody lost",
        fault="everybody is lost at once",
        provoked="no lease known in any process",
        asserted="the window's end is held by every gateway that is left",
        tests=(f"{_FENCE}test_the_windows_end_is_held_by_whoever_is_left",),
        guard=Guard(
            file="gateway/fence.py",
            old='lease.holder != "" and not self._is_over(lease)\n',
            new="lease.epoch >= 0\n",
        ),
    ),
    Fault(
        number=53,
        part="frozen",
        fault="the outdoor temperature stands still for half a day",
        provoked="a sensor that says the same for twelve hours",
        asserted="what runs legally goes on, nothing starts",
        tests=(f"{_CONTROL}test_an_outdoor_sensor_that_stands_still_for_twelve_hours_starts_nothing",),
        guard=Guard(
            file="controller/outdoor.py",
            old="        return self.time_us - self._same_since_us >= self._frozen_us\n",
            new="        return False\n",
        ),
    ),
    Fault(
        number=53,
        part="missing",
        fault="the outdoor temperature is missing, or the sensor falls silent",
        provoked="no values, or 85, -127 and -9999",
        asserted="what runs legally goes on, nothing starts",
        tests=(
            f"{_CONTROL}test_what_is_no_outdoor_temperature_stops_nothing_and_starts_nothing",
            "controller/test_weather_unknown.py::test_without_a_temperature_that_can_be_true_nothing_starts",
        ),
        guard=Guard(
            file="controller/outdoor.py",
            old="        return self.time_us is not None and now_us - self.time_us <= stale_us "
            "and not self.is_frozen\n",
            new="        return self.time_us is not None and not self.is_frozen\n",
        ),
        also=(
            Guard(
                file="controller/rolling.py",
                old="        if not samples or now_us - samples[-1][0] > self._hold_us:\n",
                new="        if not samples:\n",
            ),
        ),
    ),
    Fault(
        number=53,
        part="two sensors",
        fault="two outdoor sensors differ",
        provoked="two values",
        asserted="the nearer to the forecast's hour is used, alarm",
        tests=("controller/test_parts.py::test_of_two_that_differ_the_nearer_to_the_forecasts_hour_is_used",),
        guard=Guard(
            file="controller/outdoor.py",
            old="chosen = usable[0] if expected_c is None else min(",
            new="chosen = usable[0] if True else min(",
        ),
    ),
    Fault(
        number=None,
        part="forecast old",
        fault="the forecast is missing or too old",
        provoked="none comes; an old one",
        asserted="nothing newly permitted, alarm",
        tests=(
            "controller/test_day_ledgers.py::test_a_forecast_older_than_twelve_hours_permits_nothing",
            "controller/test_weather_unknown.py::test_an_issue_too_old_permits_nothing",
        ),
        guard=Guard(
            file="controller/policy/supply.py",
            old="    return (used_at - issue.issued).total_seconds() <= p.forecast_max_age_s\n",
            new="    return (used_at - issue.issued).total_seconds() <= p.forecast_max_age_s * 1000\n",
        ),
    ),
    Fault(
        number=54,
        part="gateway",
        fault="acknowledged and not effective, clamped, or effective late",
        provoked="a device that acknowledges and does nothing, holds a setpoint at its end, or takes its time",
        asserted="read back; three tries, then told as not effective with what it reads",
        tests=(
            "gateway/test_orders.py::test_a_unit_that_acknowledges_and_does_nothing_is_not_effective_after_three_tries",
            "gateway/test_rates.py::test_a_setpoint_that_the_device_clamps_is_not_effective_and_says_what_it_reads",
            "gateway/test_rates.py::test_a_setpoint_that_takes_effect_late_is_confirmed_within_the_tries",
        ),
        guard=Guard(
            file="gateway/executor.py",
            old="        self._read = await unit.read()\n"
            "        self._error = None\n"
            "        if not unit.agrees(self._read, command.wish):\n"
            "            return None\n",
            new="        self._read = await unit.read()\n        self._error = None\n",
        ),
    ),
    Fault(
        number=54,
        part="controller",
        fault="acknowledged and not effective, again and again",
        provoked="a deaf device",
        asserted="alarm, growing pauses, no hammering",
        tests=(
            "controller/test_outcomes.py::test_a_command_that_does_not_take_is_retried_with_growing_pauses_and_alarmed",
        ),
        guard=Guard(
            file="controller/actuator.py",
            old="        record.retry_at = now + timedelta(seconds=pause_s)\n",
            new="        record.retry_at = now\n",
        ),
    ),
    Fault(
        number=None,
        part="gateway silent",
        fault="the gateway is silent for half an hour",
        provoked="nothing reaches the units; commands vanish without an answer",
        asserted="decisions go on; a command of which nothing is heard is taken for lost and made anew; what changed"
        " meanwhile is put right afterwards",
        tests=(
            f"{_CONTROL}test_a_command_of_which_nothing_is_heard_is_taken_for_lost_and_made_anew",
            f"{_CONTROL}test_a_gateway_that_falls_silent_stops_no_decision_and_is_caught_up_with",
        ),
        guard=Guard(
            file="controller/actuator.py",
            old="            if now < lost_at:\n                return lost_at, None\n",
            new="            if now >= record.pending.made:\n                return lost_at, None\n",
        ),
    ),
    Fault(
        number=55,
        fault="a temperature, or a window, that flaps",
        provoked="square waves",
        asserted="no switching beyond the holds",
        tests=(
            f"{_CONTROL}test_a_window_that_flaps_is_held_by_its_two_minutes",
            f"{_CONTROL}test_a_temperature_that_flaps_at_its_threshold_switches_nothing",
            "controller/test_parts.py::test_a_condition_is_believed_after_ten_minutes",
        ),
        guard=Guard(
            file="controller/policy/hold.py",
            old="        if seen is not state and (now - since).total_seconds() >= (rise_s if seen else fall_s):\n",
            new="        if seen is not state:\n",
        ),
    ),
    Fault(
        number=56,
        fault="changes at the wall",
        provoked="registers written",
        asserted="inside the envelope respected to the next edge; outside put back after a minute, three times an hour,"
        " or only reported; entered with office, clause, duration",
        tests=(
            f"{_WALLS}test_put_back_three_times_an_hour_then_alarmed_and_left",
            f"{_WALLS}test_a_change_inside_the_envelope_is_respected",
            f"{_WALLS}test_twenty_six_is_put_back_to_twenty_eight_after_a_minute",
        ),
        guard=Guard(
            file="controller/wall.py",
            old="        if len(record.put_backs) >= p.put_backs_per_hour:\n",
            new="        if len(record.put_backs) > 1000:\n",
        ),
    ),
    Fault(
        number=57,
        part="dead",
        fault="the controller dies with units on",
        provoked="it stops at any quarter of an hour of a made day",
        asserted="offices are off after their window by the gateway; rooms round the clock run on with an alarm",
        tests=(
            f"{_DIES}test_offices_are_off_after_their_window_and_rooms_round_the_clock_run_on",
            f"{_DIES}test_what_ran_at_its_death_runs_on_to_the_windows_end_and_the_gateway_says_that_it_ended_it",
            "gateway/test_orders.py::test_units_are_switched_off_at_the_end_of_their_window_without_a_controller",
        ),
        guard=Guard(
            file="gateway/watchdog.py",
            old="            if must_stop(envelope, now):\n",
            new="            if envelope.must_be_off and must_stop(envelope, now):\n",
        ),
    ),
    Fault(
        number=57,
        part="between decision and command",
        fault="kill -9 between decision and command",
        provoked="a wire that holds writes back, then SIGKILL",
        asserted="nothing is written late; the next one decides anew and writes once",
        tests=(
            "gateway/test_orders.py::test_a_late_order_is_never_carried_out",
            "gateway/test_orders.py::test_an_order_whose_deadline_passes_between_tries_is_not_written_again",
            "faults/test_killed_between.py::test_a_command_that_never_arrived_is_made_anew_and_carried_out_once",
        ),
        guard=Guard(
            file="gateway/executor.py",
            old="            if self._clock.now() >= self._command.deadline:\n                break\n",
            new="",
        ),
    ),
    Fault(
        number=None,
        part="wall locks",
        fault="wall controllers are locked when the controller dies or ends",
        provoked="envelopes stop; the gateway ends",
        asserted="locks are let go",
        tests=("gateway/test_locks.py::test_locked_while_envelopes_come_and_let_go_when_they_stop",),
        guard=Guard(
            file="gateway/locks.py",
            old="            wanted = now < envelope.valid_until\n",
            new="            wanted = now is not envelope\n",
        ),
    ),
    Fault(
        number=58,
        fault="power returns to two hundred units",
        provoked="all off at once",
        asserted="starts 15 s apart on each outdoor unit and feeder; all of them start",
        tests=(
            f"{_STARTS}test_two_hundred_units_after_a_power_failure_start_one_by_one_and_all_of_them",
            f"{_CONTROL}test_after_a_power_failure_two_hundred_units_start_one_by_one_on_each_outdoor_unit",
        ),
        guard=Guard(
            file="controller/starts.py",
            old="                self._free_at[lane] = at + self._gap\n",
            new="                self._free_at[lane] = at\n",
        ),
        also=(
            Guard(
                file="controller/starts.py",
                old="return max([at, *(self._started[lane] + self._gap for lane in lanes if lane in self._started)])",
                new="return at",
            ),
        ),
    ),
    Fault(
        number=None,
        part="feeder",
        fault="a feeder is at its limit",
        provoked="measured power",
        asserted="starts wait in order, nobody for ever; unknown power holds nobody",
        tests=(
            f"{_STARTS}test_a_start_waits_while_power_and_start_are_above_the_limit",
            f"{_STARTS}test_a_power_that_is_old_holds_nobody_back",
            f"{_STARTS}test_who_waits_for_power_is_not_passed_by_and_does_not_block_for_ever",
        ),
        guard=Guard(
            file="controller/starts.py",
            old="        if is_first and drawn_kw + own_kw <= self.limit_kw:\n",
            new="        if is_first:\n",
        ),
    ),
    Fault(
        number=None,
        part="fire",
        fault="a fire signal",
        provoked="a contact of the panel",
        asserted="its scope off at once, past every timer; off until a person lets it go, over restarts too",
        tests=(
            "controller/acting/test_fire.py::test_a_signal_switches_off_at_once_whatever_the_timers_say_and_is_alarmed",
            "controller/acting/test_fire.py::test_nothing_starts_before_it_has_gone_and_a_person_lets_it",
        ),
        guard=Guard(
            file="controller/fire.py",
            old="            if known.latched and known.reset_by is not None and known.signal is False:\n",
            new="            if known.latched and known.signal is False:\n",
        ),
    ),
    Fault(
        number=None,
        part="tried out",
        fault="a site that is only tried out",
        provoked="`control.mode: shadow`",
        asserted="everything decided, nothing written by anybody, people refused with that reason",
        tests=(
            f"{_FENCE}test_tried_out_nothing_is_written_whoever_orders_it_and_no_window_ends",
            "controller/acting/test_authority.py::test_tried_out_it_decides_and_says_so_and_commands_nothing",
        ),
        guard=Guard(
            file="gateway/guard.py",
            old="        return TRIED_OUT if self.shadow else self._fence.refusal(command)\n",
            new="        return self._fence.refusal(command)\n",
        ),
    ),
    Fault(
        number=59,
        fault="rules that conflict, rules on unknown points",
        provoked="rule files",
        asserted="refused at load with both names; the old set stays active",
        tests=(
            "controller/rules/test_checks.py::test_every_mistake_is_named_with_its_place",
            "controller/rules/test_checks.py::test_the_old_rules_stay_in_force_when_new_ones_are_bad",
            "controller/rules/test_checks.py::test_rules_that_cannot_be_applied_are_not_loaded",
        ),
        guard=Guard(
            file="controller/policy/rules/conflicts.py",
            old="        yield _told(one, other, against)\n",
            new="        return\n",
        ),
    ),
)
