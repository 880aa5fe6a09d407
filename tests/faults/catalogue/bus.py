"""Devices and lines that misbehave."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

FAULTS: Final = (
    Fault(
        number=1,
        fault="a device falls silent",
        provoked="a unit that never answers; one that answers never again",
        asserted="asked twice at most, then its points are bad once and its last value is never said again; the others"
        " are read on time",
        tests=(
            "gateway/test_refusals.py::test_a_silent_device_is_bad_once_and_its_last_value_is_never_said_again",
            "gateway/test_polling.py::test_one_lost_answer_is_asked_again_and_nobody_hears_of_it",
        ),
        guard=Guard(
            file="gateway/device_readings.py",
            old="            self._bus.publish(ReadingsTaken(batch=failed(new, now_us, status)))\n",
            new="            return\n",
        ),
    ),
    Fault(
        number=2,
        part="TCP",
        fault="an answer comes late, over TCP",
        provoked="a server that answers after the time limit",
        asserted="dropped by its transaction number; the next value is right",
        tests=(
            "gateway/test_transports.py::test_a_fault_gives_its_error_and_the_next_value_is_right",
            "gateway/test_transports.py::test_a_cancelled_question_leaves_no_answer_behind",
        ),
        guard=Guard(
            file="gateway/modbus/mbap.py",
            old="if pending is None or transaction != self._transaction or pending.answer.done():",
            new="if pending is None or pending.answer.done():",
        ),
    ),
    Fault(
        number=2,
        part="serial",
        fault="an answer comes late, or twice, on a serial line",
        provoked="a server that is late by up to three times the limit, always or now and then, or says all twice",
        asserted="a like question waits until the old answer is lost for sure and is asked twice; "
        "no value is another's",
        tests=(
            "gateway/test_old_answers.py::"
            "test_an_answer_that_is_lost_or_late_by_less_than_three_times_its_limit_never_becomes_another_value",
            "gateway/test_old_answers.py::test_a_device_that_is_always_late_by_the_same_gives_no_values_or_right_ones",
            "gateway/test_old_answers.py::test_on_a_line_that_says_everything_twice_all_values_are_right",
        ),
        guard=Guard(
            file="gateway/modbus/serial_line.py",
            old="        return max(quiet_s, self._owed.until_s(question))\n",
            new="        return quiet_s\n",
        ),
    ),
    Fault(
        number=3,
        part="TCP",
        fault="an answer breaks off, over TCP",
        provoked="a server that cuts its answer and falls silent or closes",
        asserted="an error within the time limit, a new connection, the next value is right",
        tests=("gateway/test_transports.py::test_a_fault_gives_its_error_and_the_next_value_is_right",),
        guard=Guard(
            file="gateway/modbus/mbap.py",
            old="            self._keep(raw, notes.BROKEN)\n            self._drop()\n",
            new="            self._keep(raw, notes.BROKEN)\n",
        ),
    ),
    Fault(
        number=3,
        part="serial",
        fault="an answer breaks off, on a serial port",
        provoked="a pseudo-terminal on which answers are cut",
        asserted="an error, the rest thrown away, the next value is right",
        tests=("gateway/test_serial_lines.py::test_each_fault_on_a_port_gives_its_error_and_the_next_value_is_right",),
        guard=Guard(
            file="gateway/modbus/serial_line.py",
            old="        if wire is not None and wire.end:\n            self._throw_away(wire)\n",
            new="",
        ),
    ),
    Fault(
        number=4,
        part="framing",
        fault="wrong transaction, protocol or length; HTTP in place of Modbus",
        provoked="a server that answers so, announces 60,000 bytes, or sends 300,000",
        asserted="refused at once, no value, nothing grows, the connection is made anew",
        tests=(
            "gateway/test_transports.py::test_a_fault_gives_its_error_and_the_next_value_is_right",
            "gateway/test_frames.py::test_what_does_not_answer_the_question_is_never_taken",
        ),
        guard=Guard(
            file="gateway/modbus/mbap.py",
            old="if protocol != 0 or not _SHORTEST <= length <= _LONGEST:",
            new="if length < 0:",
        ),
    ),
    Fault(
        number=4,
        part="unit",
        fault="another unit answers",
        provoked="a server that answers with another unit id",
        asserted="refused, no value",
        tests=(
            "gateway/test_frames.py::test_what_does_not_answer_the_question_is_never_taken",
            "gateway/test_transports.py::test_a_fault_gives_its_error_and_the_next_value_is_right",
        ),
        guard=Guard(
            file="gateway/modbus/frames.py",
            old="if unit == request.unit and pdu.startswith(head)",
            new="if pdu.startswith(head)",
        ),
    ),
    Fault(
        number=5,
        fault="too few, too many, no registers; another function code",
        provoked="a server that answers with five, one or no registers of two, or function 4 to 3",
        asserted="refused (pymodbus takes all of these for good)",
        tests=(
            "gateway/test_frames.py::test_what_does_not_answer_the_question_is_never_taken",
            "gateway/test_transports.py::test_a_fault_gives_its_error_and_the_next_value_is_right",
        ),
        guard=Guard(
            file="gateway/modbus/frames.py",
            old="pdu.startswith(head) and len(pdu) == len(head) + request.payload:",
            new="pdu[0] < EXCEPTION_BIT:",
        ),
    ),
    Fault(
        number=6,
        part="pause",
        fault="exceptions 1, 2, 3: the device does not have a register",
        provoked="a bank of registers, and a server that is not ours, that refuse one",
        asserted="not asked again at once but after growing pauses; the point is marked",
        tests=(
            "gateway/test_refusals.py::test_refusals_are_not_repeated_at_once_and_neighbours_live",
            "interop/test_other_servers.py::test_a_register_that_a_foreign_server_does_not_have_costs_only_itself",
        ),
        guard=Guard(
            file="gateway/poller.py",
            old="        question.put_off(now_us)\n",
            new="",
        ),
    ),
    Fault(
        number=6,
        part="neighbours",
        fault="exceptions 1, 2, 3 to a request for many registers",
        provoked="a hole between two units that the device refuses to read across",
        asserted="the request is asked in parts and its neighbours live; the whole is tried again after growing pauses",
        tests=(
            "gateway/test_refusals.py::test_a_hole_that_is_refused_is_left_out_and_remembered_and_nothing_is_lost",
            "gateway/test_refusals.py::test_what_was_split_is_tried_as_a_whole_again_after_growing_pauses",
        ),
        guard=Guard(
            file="gateway/poller.py",
            old="        if parts:\n"
            "            return await self._ask_parts(parts)\n        if not question.not_before_us:",
            new="        if not question.not_before_us:",
        ),
    ),
    Fault(
        number=7,
        fault="exceptions 4, 5, 6, 10, 11 and an unknown one",
        provoked="devices that answer each of these codes",
        asserted="asked again after pauses that grow to a minute while all else goes on; what keeps failing is asked in"
        " parts; nobody behind a gateway makes the device dead",
        tests=(
            "gateway/test_refusals.py::"
            "test_a_busy_question_is_asked_after_growing_pauses_up_to_a_minute_and_the_others_go_on",
            "gateway/test_refusals.py::test_a_gateway_that_cannot_reach_its_device_makes_that_device_dead",
            "gateway/test_refusals.py::test_a_question_that_keeps_failing_among_others_is_asked_in_parts",
            "gateway/test_transports.py::test_exception_codes_tell_a_wrong_map_from_a_busy_device",
        ),
        guard=Guard(
            file="gateway/poller.py",
            old="        question.put_off(now_us, *(BUSY_PAUSES_S if busy else SILENT_PAUSES_S))\n",
            new="",
        ),
    ),
    Fault(
        number=15,
        fault="flipped bits, noise before and behind, echoes, lost frames on a serial line",
        provoked="a pseudo-terminal, and a TCP port, that flip, add and repeat bytes",
        asserted="refused by the checksum or passed over; the next value is right",
        tests=(
            "gateway/test_serial_lines.py::test_each_fault_on_a_port_gives_its_error_and_the_next_value_is_right",
            "gateway/test_serial_lines.py::test_noise_echoes_repeats_and_pieces_around_an_answer_are_passed_over",
            "gateway/test_transports.py::test_noise_and_echo_around_a_serial_answer_are_passed_over",
        ),
        guard=Guard(
            file="gateway/modbus/frames.py",
            old='return FramerRTU.check_CRC(frame[:-2], int.from_bytes(frame[-2:], "big"))',
            new="return True",
        ),
    ),
    Fault(
        number=16,
        fault="a serial adapter is pulled out and comes back",
        provoked="the master of a pseudo-terminal closed, its path removed and made anew",
        asserted="an error at once, opened again by its path, nothing spins meanwhile",
        tests=(
            "gateway/test_serial_lines.py::test_an_adapter_that_is_pulled_out_is_found_again_at_its_path",
            "gateway/test_serial_lines.py::test_a_port_that_is_pulled_out_while_nobody_asks_is_not_looked_at_any_more",
        ),
        guard=Guard(
            file="gateway/modbus/serial_port.py",
            old="        except OSError as error:\n"
            "            self._close(error)\n"
            "            return\n"
            "        if not data:\n"
            "            self._close(None)\n"
            "            return\n",
            new="        except OSError:\n            return\n",
        ),
    ),
    Fault(
        number=17,
        fault="one dead unit among thirty on one line",
        provoked="a line of thirty units in virtual time, one silent",
        asserted="the dead one is probed after growing pauses; the others keep nine tenths of their rate",
        tests=(
            "gateway/test_line_timing.py::test_one_dead_unit_costs_the_others_less_than_a_tenth_of_their_rate",
            "gateway/test_line_timing.py::test_a_dead_unit_is_probed_after_growing_pauses_up_to_the_longest",
        ),
        guard=Guard(
            file="gateway/poller.py",
            old="        if not now and self.quarantine.is_dead and "
            "self.quarantine.holds_back(self._carrier.now_us()):\n",
            new="        if not now and self.quarantine.is_dead and self.quarantine.holds_back(2**62):\n",
        ),
    ),
    Fault(
        number=18,
        part="reopening",
        fault="a TCP peer that is half open: connected, and nobody answers",
        provoked="a server that answers again only on another connection",
        asserted="opened anew when no unit answers, at once the first time and more rarely each time",
        tests=(
            "gateway/test_line_timing.py::test_the_line_is_opened_anew_only_when_nobody_answers_and_more_rarely_each_time",
            "gateway/test_broken_connections.py::"
            "test_a_half_open_connection_is_left_by_a_reset_and_its_answers_are_forgotten",
        ),
        guard=Guard(
            file="gateway/carrier.py",
            old="        self._reset_again_s = now_s + self._reset_pause_s\n",
            new="",
        ),
    ),
    Fault(
        number=18,
        part="refused",
        fault="a TCP connection is refused, or reset",
        provoked="no server; a server that resets",
        asserted="tried again after pauses that grow to half a minute and differ from line to "
        "line; read at once when it"
        " is back",
        tests=(
            "gateway/test_line_timing.py::"
            "test_a_line_that_refuses_is_tried_after_growing_pauses_that_differ_and_never_exceed_a_minute",
            "gateway/test_polling.py::test_a_line_that_breaks_says_so_once_and_returns_by_itself",
            "gateway/test_transports.py::test_nobody_listening_is_said_with_the_address",
        ),
        guard=Guard(
            file="gateway/carrier.py",
            old="        self._pause_s = min(2 * self._pause_s, LONGEST_PAUSE_S)\n",
            new="",
        ),
    ),
    Fault(
        number=18,
        part="one connection",
        fault="a device that serves one connection only",
        provoked="a server that answers on its first connection alone until that is closed",
        asserted="the old connection is closed before the new one is opened; all units of an address share it",
        tests=(
            "gateway/test_broken_connections.py::"
            "test_a_device_that_serves_one_connection_has_the_old_one_closed_before_the_new_one",
            "gateway/test_transports.py::test_many_at_once_take_turns",
        ),
        guard=Guard(
            file="gateway/modbus/transactions.py",
            old="            self._leaving = wire\n            wire.abort()\n",
            new="            self._leaving = wire\n",
        ),
        also=(
            Guard(
                file="gateway/modbus/transactions.py",
                old="        self._drop()\n        await self._left()\n        wire = self._wire",
                new="        self._drop()\n        wire = self._wire",
            ),
        ),
    ),
)
