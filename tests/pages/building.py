"""A small building with a memory, served to browsers: real store, journal, bus and web server, in its own thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import uvicorn

from api.app import create_app
from api.context import ApiContext
from facility.bus import (
    AlarmChanged,
    DecisionMade,
    LinkStatus,
    OutcomeReported,
    ProposalMade,
    ReadingsTaken,
    SupplyStated,
)
from facility.bus.in_process import InProcessBus
from facility.bus.messages import AlarmLevel, SupplyState
from facility.calendar import Calendar
from facility.clock import ManualClock
from facility.commands import Confirmed, Mode, Refused, Wish
from facility.decisions import Decision, Effect, Input, Reason
from facility.journal import Journal, JournalRecorder
from facility.live import LiveImage
from facility.readings import Batch, Status, to_us
from facility.store.embedded import EmbeddedStore
from facility.store.worker import StoreReader
from facility.text import Text
from tests.servers import accepts, free_port, wait_for
from tests.sites import small_site

NOW = datetime(2026, 7, 15, 2, 20, tzinfo=UTC)
"""10:20 on a summer Wednesday in the site's time zone."""

FIRST_DAY = datetime(2026, 7, 12, 16, 0, tzinfo=UTC)
"""Local midnight of 13 July: readings begin here."""

GAP = (datetime(2026, 7, 14, 18, 0, tzinfo=UTC), datetime(2026, 7, 14, 23, 0, tzinfo=UTC))
"""The finance office's meter said nothing from 02:00 to 07:00 local time of today."""

RATES_KW = {"main-meter": 6.0, "meter-401": 1.5, "meter-402": 2.5}

RULE_QUOTE = "夏季室内空调温度设置不得低于28摄氏度"


class ManualDemoClock(ManualClock):
    """Moved by hand, and says that it runs 600 times as fast as life."""

    pace: float = 600.0


class Building:
    """The building and its web server. `run` carries a call into the event loop's thread."""

    def __init__(self, folder: Path, *, demo: bool = False) -> None:
        self.port = free_port()
        self.clock = ManualDemoClock(NOW) if demo else ManualClock(NOW)
        self.demo = demo
        self.loop: asyncio.AbstractEventLoop
        self.context: ApiContext
        self.proposals: list[ProposalMade] = []
        self._folder = folder
        self._server: uvicorn.Server | None = None
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._live, name="building")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Building:
        self._thread.start()
        wait_for(lambda: accepts(self.port) or self._failure is not None, "start of the pages", 30.0)
        if self._failure is not None:
            raise self._failure
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(timeout=20)
        assert not self._thread.is_alive(), "the web server did not end"

    def run(self, call: Callable[..., Any], *args: Any) -> Any:
        """Runs `call` in the event loop's thread and gives its result."""

        async def there() -> Any:
            return call(*args)

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(timeout=10)

    def publish_readings(self, values: dict[str, float | None], status: Status = Status.GOOD) -> None:
        """One answer of a device, now."""
        points = list(values)
        statuses = None if status is Status.GOOD else [status] * len(points)
        batch = Batch(
            time_us=to_us(self.clock.now()),
            points=points,
            values=[values[point] for point in points],
            statuses=statuses,
        )
        self.run(self.context.bus.publish, ReadingsTaken(batch=batch))

    def publish(self, message: Any) -> None:
        """Anything else that the rooms say."""
        self.run(self.context.bus.publish, message)

    def token(self, name: str, role: Any, office: str | None = None) -> str:
        """A new access token."""
        made: str = self.context.journal.create_token(name, role, office)
        return made

    def _live(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            self._failure = error

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        site, bus = small_site(), InProcessBus()
        live, store = LiveImage(bus), EmbeddedStore(self._folder / "store")
        journal = Journal(f"sqlite:///{self._folder / 'journal.db'}")
        reader, recorder = StoreReader(store), JournalRecorder(bus, journal)
        self.context = ApiContext(
            site, bus, self.clock, live, reader, journal, Calendar.of(site.file),
            demo=self.demo, open_reading=True, version="0.1.0",
        )  # fmt: skip
        store.append(list(_past_batches()))
        bus.listen(ProposalMade, self._judge)
        app = create_app(self.context)
        config = uvicorn.Config(app, host="127.0.0.1", port=self.port, log_level="warning", access_log=False,
                                timeout_graceful_shutdown=2)  # fmt: skip
        self._server = _Server(config)
        try:
            async with asyncio.TaskGroup() as group:
                recording = group.create_task(recorder.run())
                _say_what_is_known(bus)
                await recorder.flush()
                await reader.call(store.points)
                await self._server.serve()
                recording.cancel()
        finally:
            self.context.close()
            reader.close()
            live.close()
            store.close()
            journal.close()

    def _judge(self, proposal: ProposalMade) -> None:
        """Stands where the controller stands: refuses setpoints below 28, confirms everything else."""
        self.proposals.append(proposal)
        now, wish = self.clock.now(), proposal.wish
        if wish.setpoint_c is not None and wish.setpoint_c < 28.0:
            outcome: Refused | Confirmed = Refused(
                command_id=proposal.id, equipment=proposal.equipment, at=now, clause="AC-03",
                why=Text(f"设定温度 {wish.setpoint_c:g} ℃ 低于 28 ℃", f"{wish.setpoint_c:g} °C is below 28 °C"),
            )  # fmt: skip
        else:
            outcome = Confirmed(command_id=proposal.id, equipment=proposal.equipment, at=now, read=wish)
        self.context.bus.publish(OutcomeReported(outcome=outcome))


class _Server(uvicorn.Server):
    """uvicorn in a thread: no signals."""

    def install_signal_handlers(self) -> None:
        return


def _past_batches() -> Sequence[Batch]:
    """Counters every five minutes since `FIRST_DAY`, at a constant rate, with the finance meter's gap."""
    batches = []
    time = FIRST_DAY
    while time <= NOW:
        hours = (time - FIRST_DAY).total_seconds() / 3600
        for meter, rate_kw in RATES_KW.items():
            silent = meter == "meter-401" and GAP[0] < time < GAP[1]
            if not silent:
                points = [f"{meter}.energy_import", f"{meter}.power"]
                batches.append(Batch(time_us=to_us(time), points=points, values=[1000.0 + rate_kw * hours, rate_kw]))
        batches.append(
            Batch(time_us=to_us(time), points=["ac-401.room_temperature"], values=[27.5 + (hours % 24) / 24])
        )
        time += timedelta(minutes=5)
    return batches


def _say_what_is_known(bus: InProcessBus) -> None:
    """What gateway and controller would have said by now."""
    for values in _present():
        bus.publish(ReadingsTaken(batch=Batch(time_us=to_us(NOW), points=list(values), values=list(values.values()))))
    outdoor = Input(point="weather.temperature", value=32.4, source="sensor", time=NOW, age_s=12.0)
    bus.publish(SupplyStated(at=NOW, cooling=_cooling(outdoor), heating=_no_heating(), outdoor=outdoor))
    for equipment, on in (("ac-401", True), ("ac-402", False), ("ac-archive", True)):
        bus.publish(DecisionMade(decision=_decision(equipment, on=on)))
    bus.publish(
        AlarmChanged(
            key="link_down:meters", active=True, level=AlarmLevel.WARNING, at=NOW - timedelta(minutes=7),
            text=Text("402 室电表应答缓慢", "meter of room 402 answers slowly"), equipment="meter-402",
        )
    )  # fmt: skip
    bus.publish(LinkStatus(link="plant", device=None, up=True, at=NOW, detail=""))
    bus.publish(LinkStatus(link="meters", device=None, up=True, at=NOW, detail=""))
    bus.publish(LinkStatus(link="meters", device="m-402", up=False, at=NOW, detail="no answer"))


def _present() -> list[dict[str, float]]:
    return [
        {"ac-401.on": 1, "ac-401.mode": 0, "ac-401.setpoint": 28.0, "ac-401.room_temperature": 28.4, "ac-401.fault": 0},
        {"ac-402.on": 0, "ac-402.mode": 0, "ac-402.setpoint": 28.0, "ac-402.room_temperature": 29.8, "ac-402.fault": 0},
        {"ac-archive.on": 1, "ac-archive.mode": 0, "ac-archive.setpoint": 22.0, "ac-archive.room_temperature": 22.3,
         "ac-archive.fault": 0},
        {"main-meter.power": 6.0, "meter-401.power": 1.5, "meter-402.power": 2.5},
        {"weather.temperature": 32.4},
    ]  # fmt: skip


def _cooling(outdoor: Input) -> SupplyState:
    reason = Reason(
        rule="cooling-permit", effect=Effect.PERMIT, clause="AC-01", document="机关中央空调管理规定",
        quote="夏季气象预报最高温度达30度及以上时供冷气",
        text=Text("今日预报最高 34.1 ℃,达到 30 ℃", "forecast maximum 34.1 °C reaches 30 °C"), inputs=(outdoor,),
    )  # fmt: skip
    sentence = Text(
        "今日预报最高 34.1 ℃,室外 32.4 ℃,允许供冷。",
        "Forecast maximum today 34.1 °C, outdoors 32.4 °C: cooling is permitted.",
    )
    return SupplyState(permitted=True, sentence=sentence, reasons=(reason,))


def _no_heating() -> SupplyState:
    reason = Reason(
        rule="heating-permit", effect=Effect.FORBID, clause="AC-02",
        text=Text("预报最高高于 15 ℃", "the forecast maximum is above 15 °C"),
    )  # fmt: skip
    sentence = Text("今日预报最高 34.1 ℃,高于 15 ℃,不供热。", "Forecast maximum 34.1 °C is above 15 °C: no heating.")
    return SupplyState(permitted=False, sentence=sentence, reasons=(reason,))


def _decision(equipment: str, *, on: bool) -> Decision:
    wanted = Wish(on=True, mode=Mode.COOL, setpoint_c=28.0) if on else Wish(on=False)
    sentence = (
        Text("工作日 08:00-17:00,允许供冷,按 28 ℃ 制冷。", "Workday 08:00-17:00, cooling permitted: cooling at 28 °C.")
        if on
        else Text("20 分钟无人,关机;有人回来后再开。", "Nobody in for 20 minutes: off until somebody is back.")
    )
    reason = Reason(
        rule="setpoint-limit", effect=Effect.LIMIT, clause="AC-03", quote=RULE_QUOTE, document="机关中央空调管理规定",
        text=Text("设定温度不低于 28 ℃", "setpoint not below 28 °C"),
        inputs=(Input(point=f"{equipment}.room_temperature", value=28.4, source="sensor", time=NOW, age_s=5.0),),
    )  # fmt: skip
    return Decision(
        equipment=equipment, time=NOW - timedelta(minutes=20), wanted=wanted, effective=wanted, slot=12,
        reasons=(reason,), sentence=sentence, next_change=NOW + timedelta(hours=6, minutes=40),
        coming=Text("17:00 关闭", "off at 17:00"),
    )  # fmt: skip
