"""What the rooms say is entered in order, off the loop, and kept while the journal is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest

from facility.bus import AlarmChanged
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmLevel, DecisionMade, ForecastWanted, LeaseChanged, Message
from facility.errors import StoreRefused, StoreUnavailable
from facility.journal import Journal, JournalRecorder
from tests.facility.journal.test_journal import alarm, decision, later


class FaultyJournal(Journal):
    """A journal whose plug can be pulled."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.is_down = False
        self.tries = 0

    def record_all(self, messages: Sequence[Message]) -> None:
        self.tries += 1
        if self.is_down:
            raise StoreUnavailable("pulled out")
        super().record_all(messages)


class ChoosyJournal(Journal):
    """A journal that will never take decisions."""

    def record_all(self, messages: Sequence[Message]) -> None:
        if any(isinstance(message, DecisionMade) for message in messages):
            raise StoreRefused("no decisions here")
        super().record_all(messages)


@pytest.fixture
def journal(url: str) -> Iterator[FaultyJournal]:
    opened = FaultyJournal(url)
    yield opened
    opened.close()


async def until(condition: object) -> None:
    assert callable(condition)
    async with asyncio.timeout(5.0):
        while not condition():
            await asyncio.sleep(0.005)


async def end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def made(minutes: float) -> DecisionMade:
    return DecisionMade(decision=decision(minutes=minutes))


@pytest.mark.asyncio
async def test_what_is_said_is_entered(journal: FaultyJournal) -> None:
    bus = InProcessBus()
    recorder = JournalRecorder(bus, journal)
    task = asyncio.create_task(recorder.run())
    for minutes in range(3):
        bus.publish(made(minutes))
    bus.publish(ForecastWanted())
    bus.publish(alarm(0, active=True))
    bus.publish(alarm(1, active=False))
    await recorder.flush()
    assert [found.time for found in journal.decisions()] == [later(2), later(1), later(0)]
    assert [(found.since, found.until) for found in journal.alarms()] == [(later(0), later(1))]
    await end(task)
    journal.close()


@pytest.mark.asyncio
async def test_while_the_journal_is_away_what_is_said_waits(journal: FaultyJournal) -> None:
    bus = InProcessBus()
    recorder = JournalRecorder(bus, journal, capacity=3)
    journal.is_down = True
    task = asyncio.create_task(recorder.run())
    for minutes in range(4):
        bus.publish(made(minutes))
    await until(lambda: journal.tries)
    assert (recorder.waiting, recorder.refused) == (3, 1)
    journal.is_down = False
    await until(lambda: recorder.waiting == 0)
    assert [found.time for found in journal.decisions()] == [later(2), later(1), later(0)]
    await end(task)
    journal.close()


@pytest.mark.asyncio
async def test_what_waits_at_the_end_is_entered(journal: FaultyJournal) -> None:
    bus = InProcessBus()
    recorder = JournalRecorder(bus, journal)
    task = asyncio.create_task(recorder.run())
    await asyncio.sleep(0)
    bus.publish(AlarmChanged(key="k", active=True, level=AlarmLevel.INFO, at=later(0), text=decision().sentence))
    await end(task)
    assert len(journal.alarms()) == 1
    bus.publish(made(0))
    assert recorder.waiting == 0
    journal.close()


@pytest.mark.asyncio
async def test_a_message_that_is_refused_does_not_take_the_others_with_it(url: str) -> None:
    bus, journal = InProcessBus(), ChoosyJournal(url)
    recorder = JournalRecorder(bus, journal)
    task = asyncio.create_task(recorder.run())
    for message in (alarm(0, active=True, key="first"), made(0), alarm(1, active=True, key="second")):
        bus.publish(message)
    await until(lambda: recorder.waiting == 0)
    assert {found.key for found in journal.alarms()} == {"first", "second"}
    assert recorder.lost == 1
    await end(task)
    journal.close()


def told(*, acting: bool, holder: str = "other") -> LeaseChanged:
    return LeaseChanged(site="hq", holder=holder, epoch=1, acting=acting, until=later(0))


@pytest.mark.asyncio
async def test_of_two_processes_one_enters_decisions_and_the_other_its_alarms_when_it_comes_to_act(
    journal: FaultyJournal,
) -> None:
    bus = InProcessBus()
    recorder = JournalRecorder(bus, journal)
    bus.publish(told(acting=False))
    bus.publish(made(0))
    bus.publish(alarm(0, active=True))
    bus.publish(alarm(1, active=False))
    bus.publish(alarm(2, active=True))
    await recorder.flush()
    assert (journal.decisions(), journal.alarms()) == ([], [])
    bus.publish(told(acting=True))
    bus.publish(made(1))
    await recorder.flush()
    assert len(journal.decisions()) == 1
    assert len(journal.alarms(active_only=True)) == 1
    task = asyncio.create_task(recorder.run())
    await asyncio.sleep(0)
    await end(task)


@pytest.mark.asyncio
async def test_where_nobody_is_known_to_act_everybody_enters_what_is_said(journal: FaultyJournal) -> None:
    bus = InProcessBus()
    recorder = JournalRecorder(bus, journal)
    bus.publish(told(acting=False, holder=""))
    bus.publish(made(0))
    await recorder.flush()
    assert len(journal.decisions()) == 1
    task = asyncio.create_task(recorder.run())
    await asyncio.sleep(0)
    await end(task)
