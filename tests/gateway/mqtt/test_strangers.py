"""Who is remembered of those that nobody has entered, however many there are and whatever they call themselves."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from gateway.mqtt.strangers import LONGEST_NAME, MOST, Strangers

NOON = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)


def test_whoever_makes_up_a_new_name_with_every_message_fills_neither_memory_nor_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    strangers = Strangers("sensors")
    for number in range(3 * MOST):
        strangers.note(f"ghost-{number}", f"site/ghost-{number}", b"0", NOON)
    assert [stranger.id for stranger in strangers.list[:2]] == [f"ghost-{3 * MOST - 1}", f"ghost-{3 * MOST - 2}"]
    assert (len(strangers.list), strangers.messages, len(caplog.records)) == (MOST, 3 * MOST, MOST)


def test_of_names_and_topics_of_any_length_the_beginning_is_kept() -> None:
    strangers = Strangers("sensors")
    strangers.note("g" * 65_000, "t" * 65_000, b"0" * 65_000, NOON)
    (stranger,) = strangers.list
    assert (stranger.id, stranger.topic) == ("g" * LONGEST_NAME, "t" * LONGEST_NAME)
    assert len(stranger.sample) < 1000
