"""Brokers and messages that misbehave."""

from __future__ import annotations

from typing import Final

from tests.faults.catalogue.entry import Fault, Guard

_LINE: Final = "gateway/mqtt/test_line.py::"
_BROKER: Final = "gateway/mqtt/test_broker_faults.py::"
_INGEST: Final = "gateway/mqtt/test_ingest.py::"

FAULTS: Final = (
    Fault(
        number=19,
        fault="a broker ends and comes back",
        provoked="a real Mosquitto, ended and started again",
        asserted="connected and subscribed again by itself; every message in order, none lost, none counted twice",
        tests=(
            f"{_LINE}test_a_broker_that_went_and_came_back_is_subscribed_again_and_nothing_is_lost",
            f"{_LINE}test_a_reading_that_becomes_durable_after_a_reconnect_is_acknowledged_where_it_came_again",
        ),
        guard=Guard(
            file="gateway/mqtt/connection.py",
            old="            manual_ack=True,\n",
            new="            manual_ack=False,\n",
        ),
    ),
    Fault(
        number=20,
        fault="a broker is killed",
        provoked="SIGKILL for a real Mosquitto that saves at changes",
        asserted="as when it ended",
        tests=(f"{_LINE}test_a_broker_that_went_and_came_back_is_subscribed_again_and_nothing_is_lost",),
        guard=Guard(
            file="gateway/mqtt/connection.py",
            old="            clean_session=None if self._is_v5 else not self._keeps_session,\n",
            new="            clean_session=None if self._is_v5 else True,\n",
        ),
    ),
    Fault(
        number=21,
        fault="a broker freezes",
        provoked="SIGSTOP for a real Mosquitto",
        asserted="noticed within two keepalives; connected again afterwards",
        tests=(f"{_LINE}test_a_frozen_broker_is_noticed_within_two_keepalives",),
        guard=Guard(file="gateway/mqtt/connection.py", old="            self._client.loop_misc()\n", new=""),
    ),
    Fault(
        number=22,
        part="empty",
        fault="a broker starts empty",
        provoked="the database of a real Mosquitto deleted",
        asserted="subscribed again, and what the gateway had retained there is said again",
        tests=(f"{_BROKER}test_a_broker_that_starts_empty_is_told_and_asked_everything_again",),
        guard=Guard(
            file="gateway/mqtt/client.py",
            old='        self._say(connection, self._status_topic, b"online", qos=1, retain=True)\n',
            new="        if self.connections == 1:\n"
            '            self._say(connection, self._status_topic, b"online", qos=1, retain=True)\n',
        ),
    ),
    Fault(
        number=22,
        part="broken database",
        fault="the broker's database is broken",
        provoked="the database of a real Mosquitto cut off",
        asserted="a hook that is shipped moves it aside, and the broker starts",
        tests=(f"{_BROKER}test_a_broken_database_is_moved_aside_and_the_broker_starts",),
        guard=Guard(file="deploy/mosquitto/check-database", old='        mv "$database" "$aside"\n', new=""),
    ),
    Fault(
        number=23,
        fault="a message of megabytes",
        provoked="messages beyond 64 KiB, over a real broker too",
        asserted="refused before it is parsed, counted; small ones go on",
        tests=(
            f"{_INGEST}test_a_message_that_cannot_be_read_makes_the_device_bad_and_is_counted",
            f"{_BROKER}test_ten_megabytes_are_not_looked_at_and_small_ones_go_on",
            f"{_BROKER}test_a_sender_of_too_much_is_cut_off_by_the_shipped_configuration",
        ),
        guard=Guard(
            file="gateway/mqtt/ingest.py", old="if len(payload) > self._limit_bytes:", new="if self._limit_bytes < 0:"
        ),
    ),
    Fault(
        number=24,
        fault="no JSON: NaN, deep nesting, bad UTF-8, byte order mark, huge numbers, no object, nothing",
        provoked="each of them, over a real broker too",
        asserted="counted by reason, logged once with its first 200 bytes; the line goes on",
        tests=(
            f"{_INGEST}test_a_message_that_cannot_be_read_makes_the_device_bad_and_is_counted",
            f"{_INGEST}test_a_fault_is_logged_once_with_a_sample_and_again_only_after_it_was_over",
            f"{_LINE}test_bad_messages_do_not_stop_the_line",
        ),
        guard=Guard(
            file="gateway/mqtt/payload.py",
            old="        document = orjson.loads(payload)\n    except orjson.JSONDecodeError as error:",
            new='        document = __import__("json").loads(payload)\n    except ValueError as error:',
        ),
    ),
    Fault(
        number=25,
        fault="an old value that the broker retained comes at subscribing",
        provoked="retained messages with fresh, old, uncertain and no time stamps; a real broker",
        asserted="taken only with a fresh time stamp of its own, else refused and counted",
        tests=(
            f"{_INGEST}test_a_retained_message_counts_only_when_its_own_time_stamp_is_fresh",
            f"{_INGEST}test_a_retained_message_without_a_certain_time_stamp_is_refused",
            f"{_LINE}test_a_retained_value_is_not_taken_for_a_new_one",
        ),
        guard=Guard(
            file="gateway/mqtt/ingest.py",
            old="if retained and not self._dating.proves_fresh(route.stamp, said):",
            new="if False:",
        ),
    ),
    Fault(
        number=26,
        fault="a message at QoS 1 comes twice",
        provoked="a broker stopped between message and acknowledgement",
        asserted="both count from the first arrival, so one row is stored",
        tests=(
            f"{_LINE}test_a_reading_that_becomes_durable_after_a_reconnect_is_acknowledged_where_it_came_again",
            f"{_BROKER}test_what_became_durable_while_the_broker_was_away_is_not_taken_again",
            "facility/store/test_contract.py::test_replaying_changes_nothing",
        ),
        guard=Guard(
            file="gateway/mqtt/redelivery.py",
            old="        held = self._expected.pop(_key(delivery), None) if delivery.again and "
            "self._expected else None\n",
            new="        held = None\n",
        ),
    ),
    Fault(
        number=27,
        fault="messages out of order, days late",
        provoked="a message of yesterday after one of now; shuffled readings",
        asserted="stored at its own time, the live value is not moved back, sums are those of readings in order",
        tests=(
            f"{_INGEST}test_a_late_message_does_not_move_the_live_value_back",
            "facility/store/test_contract.py::test_a_late_reading_does_not_move_latest_back",
            "facility/store/test_contract.py::"
            "test_late_and_shuffled_readings_give_the_state_that_readings_in_order_give",
        ),
        guard=Guard(
            file="facility/live.py",
            old="            if held is not None and held[0] > time_us:\n                continue\n",
            new="",
        ),
    ),
    Fault(
        number=28,
        fault="a device's clock is wrong: 1970, next year, milliseconds for seconds, no zone, local time",
        provoked="time stamps of every such kind",
        asserted="believed from seven days back to five minutes ahead, else it counts from its arrival with a doubt",
        tests=(
            "gateway/mqtt/test_stamps.py::test_a_time_counts_as_far_as_it_is_believed",
            f"{_INGEST}test_a_message_that_carries_its_time_is_stored_at_it_unless_the_device_s_clock_is_wrong",
        ),
        guard=Guard(
            file="gateway/mqtt/stamps.py",
            old="return (min(time, now), False) if now - oldest <= time <= now + ahead else (arrived, True)",
            new="return (time, False)",
        ),
    ),
    Fault(
        number=29,
        fault="somebody speaks for another device, or for the gateway",
        provoked="a real Mosquitto with the shipped ACL, and a user who publishes on others' topics",
        asserted="the broker drops it, the device itself is heard; what the broker refuses the gateway is told",
        tests=(
            f"{_BROKER}test_nobody_speaks_for_another_under_the_shipped_acl",
            f"{_BROKER}test_that_the_broker_refuses_what_the_gateway_says_is_told",
        ),
        guard=Guard(file="deploy/mosquitto/acl", old="pattern write site/%u/#\n", new="pattern write site/#\n"),
    ),
    Fault(
        number=30,
        fault="one device sends 5,000 messages a second",
        provoked="a burst of 5,000 messages of one device",
        asserted="its own oldest are let go and counted, nothing grows, the others are not held up",
        tests=(
            "gateway/mqtt/test_fairness.py::test_a_flood_loses_its_oldest_and_holds_nobody_up",
            "gateway/mqtt/test_fairness.py::test_a_flood_is_told_once_at_its_beginning_and_once_at_its_end",
            f"{_BROKER}test_a_flood_is_let_go_and_others_are_heard",
        ),
        guard=Guard(
            file="gateway/mqtt/fairness.py",
            old="if len(share.waiting) > MOST_WAITING:",
            new="if len(share.waiting) > 1_000_000:",
        ),
    ),
    Fault(
        number=31,
        part="last will",
        fault="a device goes offline by its last will and comes back",
        provoked="availability messages, retained ones too",
        asserted="its points have no value at once, until it speaks again",
        tests=(f"{_INGEST}test_a_device_that_goes_offline_has_no_values_any_more_until_it_speaks",),
        guard=Guard(
            file="gateway/mqtt/ingest.py",
            old="            if not is_there:\n                lost += points\n",
            new="",
        ),
    ),
    Fault(
        number=31,
        part="Sparkplug",
        fault="an edge node dies and is born again; a death of an earlier life comes late",
        provoked="deaths with the right and another bdSeq; a real broker and a will",
        asserted="with it all its devices are gone at once; a death counts only if it is of the last birth",
        tests=(
            "gateway/mqtt/test_sparkplug.py::test_a_death_counts_only_when_it_is_of_the_last_birth",
            "gateway/mqtt/test_sparkplug.py::test_with_a_node_all_its_devices_are_gone_and_with_a_device_it_alone",
            f"{_BROKER}test_a_device_that_dies_is_gone_at_once_and_back_when_it_speaks",
        ),
        guard=Guard(
            file="gateway/mqtt/sparkplug/node.py",
            old="        if self.is_born and None not in (sequence, self.birth_sequence) and "
            "sequence != self.birth_sequence:\n",
            new="        if not self.is_born:\n",
        ),
    ),
)
