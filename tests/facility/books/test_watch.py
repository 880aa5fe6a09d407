"""What somebody has to look at becomes an alarm, and ends as one when it is settled."""

from __future__ import annotations

from pathlib import Path

import pytest

from facility.accounting.entries import JumpVerdict
from facility.books.watch import BookWatch
from facility.bus import AlarmChanged
from facility.bus.in_process import InProcessBus
from facility.store.worker import StoreReader
from tests.facility.books.bureau import Bureau, bureau, bureau_data, local, steady


def jumped(house: Bureau) -> None:
    """The outdoor unit's meter jumps by 5,000 kWh in one reading."""
    house.fill(
        local(8, 1), local(8, 3), {"meter-vrf.energy_import": lambda h: 1000.0 + 4.0 * h + (5000.0 if h > 30 else 0.0)}
    )


@pytest.mark.asyncio
async def test_a_held_jump_is_an_alarm_until_somebody_judges_it(tmp_path: Path) -> None:
    with bureau(tmp_path) as house:
        jumped(house)
        bus, reader, heard = InProcessBus(), StoreReader(house.store), list[AlarmChanged]()
        bus.listen(AlarmChanged, heard.append)
        watch = BookWatch(house.books, reader, house.journal, bus, house.clock)
        await watch.look()
        await watch.look()
        assert [(alarm.key, alarm.active, alarm.equipment) for alarm in heard] == [
            ("books.held.meter-vrf", True, "meter-vrf")
        ]
        assert "5000.67 kWh" in heard[0].text.zh
        (jump,) = house.books.doubts.held("meter-vrf", 0, house.books.now_us())
        house.enter(
            JumpVerdict(meter="meter-vrf", start_us=jump.start_us, end_us=jump.end_us, accepted=False, reason="误读")
        )
        await watch.look()
        assert [(alarm.key, alarm.active) for alarm in heard[1:]] == [("books.held.meter-vrf", False)]
        reader.close()


@pytest.mark.asyncio
async def test_an_alarm_that_an_earlier_run_left_open_ends_when_it_is_settled(tmp_path: Path) -> None:
    with bureau(tmp_path, bureau_data(remainder_percent=5.0)) as house:
        house.fill(local(8, 2), local(8, 3), {"main-meter.energy_import": steady(10.0)})
        bus, reader, heard = InProcessBus(), StoreReader(house.store), list[AlarmChanged]()
        bus.listen(AlarmChanged, heard.append)
        watch = BookWatch(house.books, reader, house.journal, bus, house.clock)
        watch.take_over(["books.remainder.main-meter", "link:plant"])
        await watch.look()
        assert [(alarm.key, alarm.active) for alarm in heard] == [("books.remainder.main-meter", False)]
        reader.close()
