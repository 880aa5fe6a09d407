"""Stores on other machines that are away, slow, forgetful or refuse; questions that are too large."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

_OUTAGE: Final = "faults/test_outage.py::"
_SPOOLED: Final = "facility/store/test_spooled.py::"
_SPOOL: Final = "facility/spool/test_spool.py::"

FAULTS: Final = (
    Fault(
        number=36,
        fault="the store is away for an hour",
        provoked="a real InfluxDB killed while a hundred points are read 359 times",
        asserted="readings are durable meanwhile and live on; what went in comes out, in order, with its own times",
        tests=(
            f"{_SPOOLED}test_while_the_store_is_away_readings_are_durable_and_afterwards_they_arrive_in_order",
            f"{_OUTAGE}test_an_hour_without_influxdb_is_made_up_for",
        ),
        guard=Guard(
            file="facility/store/worker.py",
            old="        if self._first is not None:\n            return self._first.append(batches)\n",
            new="",
        ),
    ),
    Fault(
        number=37,
        fault="the store says 'taken' and dies before it is",
        provoked="SIGKILL for a real VictoriaMetrics at once after its answer, also together with Houqin",
        asserted="what was acknowledged lately goes out again before anything new; nothing is lost or doubled",
        tests=(
            f"{_SPOOLED}test_what_the_store_acknowledged_before_it_died_goes_out_again_before_anything_new",
            f"{_OUTAGE}test_what_victoriametrics_lost_when_both_died_at_once_goes_out_again_at_the_next_start",
            "facility/store/test_victoria.py::"
            "test_what_was_acknowledged_survives_the_death_of_the_server_a_moment_later",
        ),
        guard=Guard(
            file="facility/store/spool_drain.py",
            old="        if self._silent:\n            self._send_again()\n",
            new="",
        ),
    ),
    Fault(
        number=38,
        fault="one reading in a batch that the store will never take",
        provoked="a store that refuses a point; an answer with fewer values than points",
        asserted="it alone is lost, counted and told; its neighbours are stored, the queue moves",
        tests=(
            f"{_SPOOLED}test_poisoned_readings_are_lost_alone_and_the_queue_moves",
            "facility/store/test_worker.py::"
            "test_a_poisoned_reading_does_not_take_its_neighbours_in_the_same_answer_with_it",
        ),
        guard=Guard(
            file="facility/store/refusals.py",
            old="        return stored(store, batches[:middle]) + stored(store, batches[middle:])\n",
            new="        return [0] * len(batches) if middle else []\n",
        ),
    ),
    Fault(
        number=39,
        fault="a field of another type stands in the database",
        provoked="a real InfluxDB with a word where a number goes",
        asserted="refused for good and not sent for ever; Houqin itself writes one type only",
        tests=(
            "facility/store/test_open.py::test_what_the_server_will_never_take_is_told_apart",
            "facility/store/test_connection.py::test_what_will_never_be_taken_is_told_apart_from_what_may_be_later",
        ),
        guard=Guard(
            file="facility/store/connection.py",
            old="            if error.status in _REFUSALS:\n",
            new="            if error.status in ():\n",
        ),
    ),
    Fault(
        number=40,
        fault="a slow store; 429 and 503",
        provoked="a store that hangs, and a server that answers so with Retry-After",
        asserted="one request at a time, nobody waits for it, asked again when it says",
        tests=(
            f"{_SPOOLED}test_a_slow_store_gets_one_request_at_a_time_and_nobody_waits_for_it",
            f"{_SPOOLED}test_a_store_that_is_only_busy_is_left_alone_and_given_nothing_twice",
            "facility/test_patience.py::test_pauses_grow_and_a_server_gets_the_time_it_asks_for",
        ),
        guard=Guard(
            file="facility/patience.py",
            old="    return usual_s if asked_s is None else max(usual_s, asked_s)\n",
            new="    return usual_s\n",
        ),
    ),
    Fault(
        number=41,
        part="cap",
        fault="the spool is full",
        provoked="more than it may hold",
        asserted="it stays within its bound: the oldest of the class that matters least go first, all of it counted;"
        " a class that keeps its oldest refuses what is new, and its sender is not told that it is durable",
        tests=(
            f"{_SPOOL}test_when_it_is_full_the_oldest_go_and_are_counted",
            f"{_SPOOL}test_a_class_that_keeps_its_oldest_refuses_what_is_new",
            f"{_SPOOLED}test_without_room_measurements_give_way_and_counters_stay",
            f"{_SPOOLED}test_without_room_what_is_refused_is_counted_and_its_sender_not_told",
        ),
        guard=Guard(
            file="facility/spool/spool.py",
            old="        while self._bytes() + need > self._bounds.limit_bytes:\n",
            new="        while need < 0:\n",
        ),
    ),
    Fault(
        number=41,
        part="alarm",
        fault="the spool fills",
        provoked="a spool at 79, 80 and 100 of 100",
        asserted="an alarm from 80 % on",
        tests=(
            "controller/alarming/test_looks.py::test_a_store_that_takes_nothing_and_a_spool_that_fills",
            "controller/alarming/test_spool_look.py::test_a_spool_is_told_from_its_limit_on",
        ),
        guard=Guard(
            file="controller/alarming/program.py",
            old="        if full and not dropped:\n            yield _spool_fills(spool)\n",
            new="",
        ),
    ),
    Fault(
        number=42,
        fault="the same readings are sent twice",
        provoked="every kind of store given a batch again; real servers after a rewind of the spool",
        asserted="one reading, the same sums",
        tests=(
            "facility/store/test_contract.py::test_replaying_changes_nothing",
            f"{_OUTAGE}test_to_send_again_what_influxdb_has_changes_no_sum",
            "facility/store/test_victoria.py::"
            "test_the_same_again_makes_no_second_sample_and_another_value_no_second_reading",
        ),
        guard=Guard(
            file="facility/series.py",
            old="    keep = order[np.append(sorted_us[1:] != sorted_us[:-1], True)]\n",
            new="    keep = order\n",
        ),
    ),
    Fault(
        number=43,
        part="rows",
        fault="ten years asked for second by second, in rows",
        provoked="a request for 315 million rows",
        asserted="422 and how to ask for less, in both languages, before anything is read",
        tests=("faults/test_large_questions.py::test_ten_years_second_by_second_are_refused_with_a_hint",),
        guard=Guard(
            file="api/services/edges.py",
            old="    _check_count(int((end - start) / step), MAX_INTERVALS)\n",
            new="    end = min(end, start + 20_000 * step)\n",
        ),
    ),
    Fault(
        number=43,
        part="raw",
        fault="ten years of raw readings asked for",
        provoked="a request without `every`, over ten years, and over readings without number",
        asserted="422 and how to ask for less, in both languages",
        tests=(
            "faults/test_large_questions.py::test_ten_years_of_raw_readings_are_refused_with_a_hint",
            "api/test_errors.py::test_too_large_a_range_says_how_to_ask_for_less",
        ),
        guard=Guard(
            file="api/services/history.py",
            old="    if end - start > MAX_RAW:\n",
            new="    if end < start:\n",
        ),
    ),
)
