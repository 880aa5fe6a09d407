"""What comes in from the other rooms, taken to where the next cycle finds it."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence

from controller.filing_desk import FilingDesk
from controller.fire import FireInputs
from controller.orders import Orders
from controller.weather import Tap, WeatherDesk
from facility.bus import (
    AlarmActed,
    Bus,
    FilingChanged,
    ForecastReceived,
    LeaseChanged,
    OutcomeReported,
    ProposalMade,
    ReadingsTaken,
)
from facility.live import LiveImage
from facility.readings import Status, to_us


class Intake:
    """Listens to the bus from the moment it is made.

    Args:
        bus: where messages come from.
        taps: point -> what takes its readings.
        known: the equipment under control; outcomes of other equipment are none of ours.
        weather, filings, orders, fire: who takes what.
        wake: asks for a cycle soon.
    """

    def __init__(
        self,
        bus: Bus,
        taps: Mapping[str, Sequence[Tap]],
        known: Container[str],
        *,
        weather: WeatherDesk,
        filings: FilingDesk,
        orders: Orders,
        fire: FireInputs,
        wake: Callable[[], None],
    ) -> None:
        self._taps, self._known = taps, known
        self._weather, self._filings, self._orders, self._wake = weather, filings, orders, wake
        self._outcomes: list[OutcomeReported] = []
        self._leave = [
            bus.listen(ReadingsTaken, self._take_readings),
            bus.listen(ForecastReceived, self._take_forecast),
            bus.listen(ProposalMade, self._take_proposal),
            bus.listen(OutcomeReported, self._take_outcome),
            bus.listen(LeaseChanged, lambda _: wake()),
            bus.listen(AlarmActed, fire.acted),
            bus.listen(FilingChanged, self._take_filing),
        ]

    def recall(self, live: LiveImage, now_us: int) -> None:
        """Takes the latest readings from before the first message."""
        for point, taps in self._taps.items():
            reading = live.last_good(point)
            if reading is not None and (time_us := to_us(reading.time)) <= now_us:
                for tap in taps:
                    tap(time_us, reading.value, Status.GOOD)

    def outcomes(self) -> list[OutcomeReported]:
        """The outcomes that came since they were last asked for."""
        found, self._outcomes = self._outcomes, []
        return found

    def close(self) -> None:
        """Stops listening."""
        for leave in self._leave:
            leave()
        self._leave = []

    def _take_readings(self, message: ReadingsTaken) -> None:
        batch, taps = message.batch, self._taps
        statuses, values, time_us = batch.statuses, batch.values, batch.time_us
        for index, point in enumerate(batch.points):
            found = taps.get(point)
            if found is None:
                continue
            status = Status.GOOD if statuses is None else statuses[index]
            for tap in found:
                tap(time_us, values[index], status)

    def _take_forecast(self, message: ForecastReceived) -> None:
        self._weather.receive(message)
        self._wake()

    def _take_filing(self, message: FilingChanged) -> None:
        self._filings.put(message.filing)
        self._wake()

    def _take_proposal(self, message: ProposalMade) -> None:
        self._orders.put(message)
        self._wake()

    def _take_outcome(self, message: OutcomeReported) -> None:
        if message.outcome.equipment in self._known:
            self._outcomes.append(message)
            self._wake()
