"""The site's clock beside a time server's: what is believed, what is alarmed, and that nothing is set."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from facility.bus import AlarmChanged
from facility.bus.in_process import InProcessBus
from facility.clock import ManualClock
from facility.errors import BadAnswer, NoAnswer, TryAgain
from facility.model.clock_entries import ClockEntry
from facility.reference_time import Compared, compared
from facility.reference_time_watch import ReferenceWatch
from tests.facility.time_server import Answer, time_server

NOW = datetime(2026, 7, 15, 4, 0, 0, 250_000, tzinfo=UTC)


async def asked(answer: Answer) -> Compared:
    async with time_server(answer.packed) as server:
        return await compared("127.0.0.1", server.port, lambda: NOW)


@pytest.mark.asyncio
@pytest.mark.parametrize("ahead_s", [0.0, 0.5, -0.5, 7200.0, -3 * 86_400.0])
async def test_the_offset_is_how_far_the_server_is_ahead(ahead_s: float) -> None:
    found = await asked(Answer(time=NOW + timedelta(seconds=ahead_s)))
    assert found.offset_s == pytest.approx(ahead_s, abs=0.2)
    assert 0.0 <= found.delay_s < 0.2
    assert (found.at - NOW).total_seconds() == pytest.approx(ahead_s, abs=0.2)


@pytest.mark.asyncio
async def test_by_four_time_stamps_what_the_server_took_for_itself_does_not_count() -> None:
    stamps = iter([NOW])  # asked at 0 s; received there at 10.1, sent there at 10.1: the way took what it took

    async with time_server(Answer(time=NOW + timedelta(seconds=10)).packed) as server:
        found = await compared("127.0.0.1", server.port, lambda: next(stamps))
    assert found.offset_s == pytest.approx(10.0 - found.delay_s / 2, abs=1e-4)


@pytest.mark.asyncio
async def test_after_2036_the_stamps_begin_anew_and_the_time_does_not() -> None:
    later = datetime(2036, 2, 7, 6, 28, 20, tzinfo=UTC)
    async with time_server(Answer(time=later).packed) as server:
        found = await compared("127.0.0.1", server.port, lambda: later - timedelta(seconds=3))
    assert found.offset_s == pytest.approx(3.0, abs=0.2)
    assert found.at == pytest.approx(later, abs=timedelta(microseconds=2))


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("spoilt", "why"),
    [
        ({"first": 0x23}, "no answer to our question"),
        ({"first": 0x14}, "no answer to our question"),
        ({"origin": 1}, "no answer to our question"),
        ({"first": 0xE4}, "does not know the time itself"),
        ({"stratum": 0}, "does not know the time itself"),
        ({"stratum": 16}, "does not know the time itself"),
        ({"dispersion": 6 << 16}, "of no use"),
        ({"root_delay": 11 << 16}, "of no use"),
        ({"held_s": 3.0}, "of no use"),
        ({"held_s": -3.0}, "of no use"),
    ],
)
async def test_an_answer_that_cannot_be_right_is_not_believed(spoilt: dict[str, Any], why: str) -> None:
    with pytest.raises(BadAnswer, match=why):
        await asked(replace(Answer(time=NOW), **spoilt))


@pytest.mark.asyncio
@pytest.mark.parametrize("answer", [b"", b"\x24" * 47, b"HTTP/1.1 400 Bad Request\r\n\r\n"])
async def test_what_is_no_packet_is_no_answer(answer: bytes) -> None:
    async with time_server(lambda _: answer or b"\0") as server:
        with pytest.raises(BadAnswer, match="are no answer"):
            await compared("127.0.0.1", server.port, lambda: NOW)


@pytest.mark.asyncio
async def test_a_server_that_says_nothing_is_waited_for_a_while() -> None:
    async with time_server(lambda _: None) as server:
        with pytest.raises(NoAnswer, match="did not answer within"):
            await compared("127.0.0.1", server.port, lambda: NOW, timeout_s=0.05)


@pytest.mark.asyncio
@pytest.mark.parametrize("server", ["127.0.0.1", "no-such-host.invalid"])
async def test_a_server_that_is_not_there_is_told_at_once(server: str) -> None:
    async with time_server(lambda _: None) as gone:
        port = gone.port
    with pytest.raises(TryAgain):
        await compared(server, port, lambda: NOW)


@pytest.mark.asyncio
async def test_the_question_tells_nothing_of_this_machine() -> None:
    async with time_server(Answer(time=NOW).packed) as server:
        for _ in range(2):
            await compared("127.0.0.1", server.port, lambda: NOW)
        first, second = server.asked
    assert first[:40] == second[:40] == bytes([0x23]) + bytes(39)
    assert first[40:] != second[40:]


class Watching:
    """A watch, and what it said of the server's answers."""

    def __init__(self, **entry: float | str) -> None:
        self.bus = InProcessBus()
        self.said: list[AlarmChanged] = []
        self.bus.listen(AlarmChanged, self.said.append)
        self.steady_s = 0.0
        self.answer: Answer | None = None
        settings = ClockEntry.model_validate({"server": "127.0.0.1", **entry})
        self.watch = ReferenceWatch(settings, self.bus, ManualClock(NOW), steady_s=lambda: self.steady_s)

    def packed(self, question: bytes) -> bytes | None:
        return None if self.answer is None else self.answer.packed(question)

    async def look(self, offset_s: float | None, after_s: float = 600.0) -> list[tuple[str, bool]]:
        """What is new at a look with such an answer; None: the server does not know the time."""
        stratum = 16 if offset_s is None else 2
        self.answer = Answer(time=NOW + timedelta(seconds=offset_s or 0.0), stratum=stratum)
        self.steady_s += after_s
        before = len(self.said)
        await self.watch.look()
        return [(message.key, message.active) for message in self.said[before:]]


@pytest.mark.asyncio
async def test_a_clock_that_is_off_is_alarmed_with_the_seconds_and_over_when_it_is_right() -> None:
    here = Watching(limit_s=2)
    async with time_server(here.packed) as server:
        here.watch.follow(ClockEntry(server="127.0.0.1", port=server.port, limit_s=2))
        ledger = [await here.look(offset_s) for offset_s in (0.0, 1.5, -1.5, 5.0, 0.0, -7200.0, 0.0)]
    assert ledger == [
        [], [], [], [("clock_off", True)], [("clock_off", False)], [("clock_off", True)], [("clock_off", False)],
    ]  # fmt: skip
    assert "5.0 s slow against the time server 127.0.0.1" in here.said[0].text.en
    assert "慢 5.0 秒" in here.said[0].text.zh
    assert "7200.0 s fast" in here.said[2].text.en
    assert here.watch.last is not None


@pytest.mark.asyncio
async def test_a_server_that_is_silent_for_long_is_alarmed_and_the_clock_is_not() -> None:
    here = Watching()
    async with time_server(here.packed) as server:
        here.watch.follow(ClockEntry(server="127.0.0.1", port=server.port, silent_s=1800))
        ledger = [await here.look(offset_s) for offset_s in (None, None, None, None, 0.0, None)]
    assert ledger == [
        [],
        [],
        [("clock_reference", True)],
        [("clock_reference", True)],
        [("clock_reference", False)],
        [],
    ]
    assert "no usable answer for 1800 s" in here.said[0].text.en


@pytest.mark.asyncio
async def test_what_stands_is_said_again_to_whoever_comes_new_and_is_over_with_another_server() -> None:
    here = Watching()
    async with time_server(here.packed) as server:
        entry = ClockEntry(server="127.0.0.1", port=server.port)
        here.watch.follow(entry)
        assert await here.look(60.0) == [("clock_off", True)]
        assert [active for key, active in await here.look(60.0) if key == "clock_off"] in ([], [True])
        here.watch.follow(entry)
        assert await here.look(60.0) == [("clock_off", True)]
        here.watch.follow(entry.model_copy(update={"server": "localhost"}))
        assert (here.said[-1].key, here.said[-1].active, here.watch.last) == ("clock_off", False, None)


@pytest.mark.asyncio
async def test_without_a_server_nobody_is_asked() -> None:
    here = Watching()
    here.watch.follow(ClockEntry())
    await here.watch.look()
    assert ([message.active for message in here.said], here.watch.last) == ([], None)


@pytest.mark.parametrize("wrong", [{"server": ""}, {"server": "a b"}, {"port": 0}, {"limit_s": 0}, {"every_s": 1}])
def test_settings_that_cannot_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        ClockEntry.model_validate(wrong)
