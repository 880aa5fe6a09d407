"""Devices that answer, and what they say is wrong."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

_TYPES: Final = "gateway/test_register_types.py::"
_COUNTERS: Final = "facility/accounting/test_counters.py::"
_HISTORY: Final = "facility/accounting/test_counter_history.py::"

FAULTS: Final = (
    Fault(
        number=8,
        part="silence",
        fault="a wrong unit id in the site file, and nobody answers to it",
        provoked="a real server that has another unit",
        asserted="the device is dead with an alarm that names line and unit; its neighbours are read",
        tests=("faults/test_wrong_unit.py::test_a_unit_that_nobody_has_is_dead_and_its_neighbour_lives",),
        guard=Guard(
            file="gateway/poller.py",
            old="        self._tell(False, str(error))\n",
            new="",
        ),
    ),
    Fault(
        number=8,
        part="exception 2",
        fault="a wrong unit id, and a gateway answers exception 2 to everything",
        provoked="a real server that refuses what is not its own unit",
        asserted="every point is bad with that reason, each refusal is noted once and asked about ever more rarely",
        tests=(
            "faults/test_wrong_unit.py::test_a_unit_that_a_gateway_refuses_has_no_values",
            "gateway/test_refusals.py::test_a_device_that_refuses_everything_is_there_and_costs_little",
        ),
        guard=Guard(
            file="gateway/poller.py",
            old="        self._readings.failed(question.points, Status.EXCEPTION, now_us)\n",
            new="",
        ),
    ),
    Fault(
        number=8,
        part="another answers",
        fault="a wrong unit id, and a device of another kind answers to it",
        provoked="a real server that answers to every unit id with its own registers",
        asserted="what cannot be is bad with its reason and enters no account; which device it is, nobody can tell by"
        " its values: that is what commissioning is for",
        tests=("faults/test_wrong_unit.py::test_a_device_of_another_kind_gives_no_values_that_cannot_be",),
        guard=Guard(
            file="gateway/block.py",
            old="        if beyond := self._beyond_bounds(scaled):\n",
            new="        if beyond := list[int]():\n",
        ),
    ),
    Fault(
        number=9,
        fault="a register that is not there reads 0",
        provoked="a meter whose registers are zero",
        asserted="0 Hz is out of range and bad; 0 V is a value, for a circuit may be off",
        tests=("gateway/test_refusals.py::test_a_register_that_is_not_there_and_reads_zero_is_no_frequency",),
        guard=Guard(
            file="gateway/block.py",
            old="            if not low <= value <= high\n",
            new="            if value > high\n",
        ),
    ),
    Fault(
        number=10,
        part="orders",
        fault="the wrong byte or word order",
        provoked="published values in all four orders, decoded in each",
        asserted="each order has its vector, in the gateway and in the simulators; in a wrong one "
        "a plausible voltage is"
        " out of range",
        tests=(
            f"{_TYPES}test_a_vector_means_its_value_to_the_gateway_and_to_the_simulators",
            "faults/test_byte_orders.py::test_of_the_orders_of_a_value_only_the_right_one_is_believed",
        ),
        guard=Guard(
            file="gateway/raw.py",
            old='    if order in ("CDAB", "DCBA"):\n        words.reverse()\n',
            new="",
        ),
    ),
    Fault(
        number=10,
        part="found",
        fault="a device is set to another word order than its profile says",
        provoked="a simulated meter whose values come in another order, looked over for commissioning",
        asserted="the scan finds the meter all the same and names the order; one value alone proves nothing",
        tests=(
            "gateway/commissioning/test_recognising.py::"
            "test_a_meter_that_was_set_to_another_word_order_is_found_and_the_order_is_named",
            "gateway/commissioning/test_recognising.py::"
            "test_one_value_that_makes_sense_by_chance_in_another_order_says_nothing",
        ),
        guard=Guard(
            file="gateway/commissioning/likeness.py",
            old='    return point.model_copy(update={"order": order})\n',
            new="    return point\n",
        ),
    ),
    Fault(
        number=11,
        part="not a number",
        fault="NaN, infinities",
        provoked="registers with each pattern, over the types that have them",
        asserted="no value, bad with its reason; in no sum; missing in the store",
        tests=(
            f"{_TYPES}test_what_is_no_value_is_bad_and_says_why",
            "gateway/test_codec.py::test_what_is_no_value_says_why",
            "facility/store/test_contract.py::test_what_is_no_number_is_stored_as_missing",
        ),
        guard=Guard(
            file="gateway/codec.py",
            old="    if rule.low <= value <= rule.high:\n",
            new="    if not (value < rule.low or value > rule.high):\n",
        ),
    ),
    Fault(
        number=11,
        part="sentinels",
        fault="patterns that mean 'not there': 0xFFFFFFFF, 0x8000, 0x7FC00000",
        provoked="registers with each pattern",
        asserted="no value, bad with its reason",
        tests=(
            f"{_TYPES}test_what_is_no_value_is_bad_and_says_why",
            "gateway/test_codec.py::test_what_is_no_value_says_why",
        ),
        guard=Guard(file="gateway/codec.py", old="        if raw in invalid:\n", new="        if raw != raw:\n"),
    ),
    Fault(
        number=12,
        fault="counters beyond 2^53",
        provoked="a counter of 64 bits whose last digits a float does not hold",
        asserted="exact until it is in its canonical unit",
        tests=(
            f"{_TYPES}test_a_counter_of_more_than_53_bits_is_exact_until_it_is_in_the_canonical_unit",
            "gateway/test_codec.py::test_integers_are_scaled_exactly_and_rounded_once",
        ),
        guard=Guard(
            file="gateway/codec.py",
            old="number = float if spec.type in FLOATS else int\n",
            new="number = float\n",
        ),
    ),
    Fault(
        number=13,
        part="rollover",
        fault="a counter passes the end of its register",
        provoked="readings around the end",
        asserted="added; no reset, nothing negative",
        tests=(f"{_COUNTERS}test_a_rollover_is_added", f"{_HISTORY}test_each_meter_rolls_over_at_its_own_width"),
        guard=Guard(
            file="facility/accounting/plausibility.py",
            old="        if self.counter_max is None:\n            return amounts, believed\n",
            new="        if self.counter_max != -1.0:\n            return amounts, believed\n",
        ),
    ),
    Fault(
        number=13,
        part="reset and dip",
        fault="a counter falls: to zero, or by a hundredth",
        provoked="readings of one million, then of none or of 990,000",
        asserted="a new beginning; what it hid is missing, shown as a reset, neither negative nor huge",
        tests=(
            f"{_COUNTERS}test_a_reset_starts_anew_and_what_it_hid_is_missing",
            f"{_COUNTERS}test_a_small_dip_is_neither_negative_nor_huge",
            "facility/accounting/test_counter_properties.py::test_nothing_is_negative",
        ),
        guard=Guard(
            file="facility/accounting/spans.py",
            old="        kinds[~believed & fell] = RESET\n        amounts[~believed & fell] = 0.0\n",
            new="        kinds[~believed & fell] = COVERED\n",
        ),
    ),
    Fault(
        number=13,
        part="swap",
        fault="a meter is replaced by another with another reading",
        provoked="an entry of the replacement, with and without closing and opening values; none",
        asserted="each counts by itself, from its own readings; without an entry it is a reset",
        tests=(
            f"{_HISTORY}test_a_replaced_meter_counts_to_its_closing_and_from_its_successors_opening",
            f"{_HISTORY}test_without_an_entry_the_same_readings_are_a_reset",
            "facility/books/test_books.py::test_a_replacement_and_a_correction_change_only_their_own_time",
        ),
        guard=Guard(
            file="facility/accounting/segments.py",
            old="    if not history.replacements:\n",
            new="    if history.replacements is not None:\n",
        ),
    ),
    Fault(
        number=14,
        part="spike of a counter",
        fault="one wrong reading of a counter, or a jump beyond what its circuit carries",
        provoked="a reading of 9,999,999 among others; 5,000 kWh in ten minutes",
        asserted="the one is left out, the other held until a person judges it",
        tests=(
            f"{_COUNTERS}test_one_wrong_reading_changes_nothing",
            f"{_COUNTERS}test_a_jump_beyond_the_circuit_is_held_for_a_person",
            f"{_HISTORY}test_a_jump_waits_for_a_person",
        ),
        guard=Guard(
            file="facility/accounting/plausibility.py",
            old="            believed &= size <= self.max_rate_per_s * np.maximum(seconds, "
            "_RATE_WINDOW_S) + self.step\n",
            new="            believed &= size < np.inf\n",
        ),
    ),
    Fault(
        number=14,
        part="frozen counter",
        fault="a counter stands still while its circuit carries load",
        provoked="a counter that does not move beside a power that flows",
        asserted="found after the time that is asked for; a circuit at rest never is",
        tests=(
            "facility/accounting/test_frozen.py::test_a_counter_that_stands_still_under_load_is_found_with_its_rest_around",
            "facility/accounting/test_frozen.py::test_nights_and_weekends_of_a_circuit_at_rest_are_never_found",
        ),
        guard=Guard(
            file="facility/accounting/frozen.py",
            old="        if carried >= due or (known < _KNOWN and not by_habit):\n",
            new="        if known < _KNOWN and not by_habit:\n",
        ),
    ),
    Fault(
        number=14,
        part="-9999 and spikes of temperature",
        fault="-9999, 85, -127; a temperature that jumps or stands still for half a day",
        provoked="each of them, from sensors outdoors and in rooms",
        asserted="not believed",
        tests=(
            "controller/test_parts.py::test_what_a_broken_sensor_says_is_not_believed",
            "controller/test_parts.py::test_faster_than_five_kelvin_a_minute_is_not_believed_until_time_allows_it",
            "controller/test_parts.py::test_bit_identical_for_twelve_hours_is_frozen",
            "faults/test_control.py::test_what_is_no_outdoor_temperature_stops_nothing_and_starts_nothing",
        ),
        guard=Guard(
            file="controller/outdoor.py",
            old="        if value is None or status.quality is not Quality.GOOD or not LOWEST_C "
            "<= value <= HIGHEST_C:\n",
            new="        if value is None or status.quality is not Quality.GOOD:\n",
        ),
    ),
)
