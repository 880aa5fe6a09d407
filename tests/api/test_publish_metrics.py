"""Publishing for other systems, as Prometheus sees it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from api.metrics_publish import publish_metrics
from facility.bus import LinesMeasured
from facility.bus.in_process import InProcessBus
from facility.line_board import LineBoard
from facility.publish_health import PublishHealth
from facility.readings import to_us
from facility.spool import Figures

NOW = datetime(2026, 7, 15, 4, 0, tzinfo=UTC)
HEALTH = PublishHealth(
    link="sensors", up=None, at=NOW, published=0, refused=0, topics=0, spool=None, lost=0, commands={}
)  # fmt: skip


def shown(health: PublishHealth) -> dict[str, float]:
    return {
        sample.name.removeprefix("houqin_publish_")
        + "".join(f" {label}" for label in sample.labels.values()): sample.value
        for family in publish_metrics(health, NOW)
        for sample in family.samples
    }


def test_before_it_was_tried_it_is_not_up_and_nothing_is_counted() -> None:
    assert shown(HEALTH) == {
        "up": 0.0, "messages_total": 0.0, "refused_messages_total": 0.0, "topics": 0.0, "lost_readings_total": 0.0,
    }  # fmt: skip


def test_what_waits_and_what_was_given_up_is_shown() -> None:
    spool = Figures(
        bytes=80, limit_bytes=100, waiting={"state": 7}, dropped={"state": 9}, oldest_us=to_us(NOW) - 90_000_000
    )
    found = shown(replace(HEALTH, up=True, spool=spool, commands={"proposed": 2, "malformed": 1}))
    assert (found["up"], found["commands_total proposed"], found["commands_total malformed"]) == (1.0, 2.0, 1.0)
    assert (found["spool_bytes"], found["spool_limit_bytes"], found["spool_oldest_seconds"]) == (80.0, 100.0, 90.0)
    assert (found["spool_waiting_readings state"], found["spool_dropped_readings_total state"]) == (7.0, 9.0)
    assert shown(replace(HEALTH, spool=replace(spool, oldest_us=None)))["spool_oldest_seconds"] == 0.0


def test_the_board_has_the_newest_and_forgets_it_when_nothing_is_published_any_more() -> None:
    bus = InProcessBus()
    board = LineBoard(bus)
    seen = [board.published]
    for health in (HEALTH, None):
        bus.publish(LinesMeasured(lines=(), published=health))
        seen.append(board.published)
    assert seen == [None, HEALTH, None]
    board.close()
