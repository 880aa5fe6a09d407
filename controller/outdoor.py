"""The trusted outdoor temperature: which readings of which sensors are believed, and what to do when they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from controller.policy.facts import Signal
from controller.policy.schema import Parameters
from controller.rolling import RollingMean
from facility.readings import Quality, Status, from_us
from facility.text import Text

LOWEST_C: Final = -40.0
HIGHEST_C: Final = 60.0
SENTINELS: Final = frozenset({85.0, -127.0, -9999.0})
"""What broken sensors say: DS18B20 at power-on and without a probe, and the usual filler."""
SECOND_US: Final = 1_000_000
RATE_SLACK_S: Final = 60.0
"""Noise between two quick polls is not a rate of change: at least a minute's allowance is given."""


class Plausible:
    """Whether a temperature moves as one can: not too fast, and not bit-identical for hours.

    Args:
        rate_k_per_min: faster is not believed; the old value stands until time explains the new one.
        frozen_us: a value that stood for so long is no longer a measurement; None: it may stand for ever.
    """

    __slots__ = ("_frozen_us", "_rate_k_per_min", "_same_since_us", "time_us", "value_c")

    def __init__(self, rate_k_per_min: float, frozen_us: int | None) -> None:
        self._rate_k_per_min = rate_k_per_min
        self._frozen_us = frozen_us
        self.time_us: int | None = None
        self.value_c: float | None = None
        self._same_since_us = 0

    def take(self, time_us: int, value_c: float) -> bool:
        """Whether a reading newer than the last is believed."""
        if self.time_us is not None and (time_us <= self.time_us or self._is_too_fast(time_us, value_c)):
            return False
        if value_c != self.value_c:
            self._same_since_us = time_us
        self.time_us, self.value_c = time_us, value_c
        return not self.is_frozen

    def _is_too_fast(self, time_us: int, value_c: float) -> bool:
        if self.time_us is None or self.value_c is None:
            return False
        minutes = max((time_us - self.time_us) / SECOND_US, RATE_SLACK_S) / 60
        return abs(value_c - self.value_c) > self._rate_k_per_min * minutes

    @property
    def is_frozen(self) -> bool:
        """Bit-identical for so long that it is no longer a measurement."""
        if self.time_us is None or self._frozen_us is None:
            return False
        return self.time_us - self._same_since_us >= self._frozen_us


class OutdoorSensor:
    """One sensor's believed readings.

    Args:
        point: its point id.
        name: what people call it.
        p: the parameters that say what is believed.
    """

    def __init__(self, point: str, name: Text, p: Parameters) -> None:
        self.point = point
        self.name = name
        self._said = Plausible(p.sensor_rate_k_per_min, round(p.sensor_frozen_s * SECOND_US))

    def take(self, time_us: int, value: float | None, status: Status) -> bool:
        """Whether the reading is believed and newer than the last."""
        if value is None or status.quality is not Quality.GOOD or not LOWEST_C <= value <= HIGHEST_C:
            return False
        return value not in SENTINELS and self._said.take(time_us, value)

    @property
    def time_us(self) -> int | None:
        """When it was last believed."""
        return self._said.time_us

    @property
    def value_c(self) -> float | None:
        """What it last said that was believed."""
        return self._said.value_c

    @property
    def is_frozen(self) -> bool:
        """See `Plausible`."""
        return self._said.is_frozen

    def is_usable(self, now_us: int, stale_us: int) -> bool:
        """Fresh and moving."""
        return self.time_us is not None and now_us - self.time_us <= stale_us and not self.is_frozen


class Outdoors:
    """The building's outdoor temperature signal.

    Args:
        points: outdoor sensors in order of trust, point id -> what people call it.
        p: the site's parameters.
        stale_s: after how many clock seconds a reading is too old.
        expected_c: the forecast for the hour at a time (microseconds), None when there is none.
    """

    def __init__(
        self,
        points: Mapping[str, Text],
        p: Parameters,
        *,
        stale_s: float,
        expected_c: Callable[[int], float | None],
    ) -> None:
        self.sensors = [OutdoorSensor(point, name, p) for point, name in points.items()]
        self._p = p
        self._stale_us = round(stale_s * SECOND_US)
        self._expected_c = expected_c
        self.mean = RollingMean(round(p.outdoor_mean_s * SECOND_US), self._stale_us)
        self._newest: OutdoorSensor | None = None
        self.disagreement: Text | None = None

    def take(self, sensor: OutdoorSensor, time_us: int, value: float | None, status: Status) -> None:
        """Takes a reading of one sensor; it enters the signal when that sensor is the one to be believed."""
        if sensor.take(time_us, value, status) and self._chosen(time_us) is sensor and sensor.value_c is not None:
            self.mean.add(time_us, sensor.value_c)
            self._newest = sensor

    def _chosen(self, now_us: int) -> OutdoorSensor | None:
        usable = [sensor for sensor in self.sensors if sensor.is_usable(now_us, self._stale_us)]
        if not usable:
            self.disagreement = None
            return None
        apart = _spread(usable) > self._p.sensor_disagreement_k
        expected_c = self._expected_c(now_us) if apart else None
        chosen = usable[0] if expected_c is None else min(usable, key=lambda sensor: _apart_k(sensor, expected_c))
        self.disagreement = _told_apart(usable, chosen, expected_c) if apart else None
        return chosen

    @property
    def disagree(self) -> bool:
        """Whether sensors that are fresh and moving differ too much, at the last look."""
        return self.disagreement is not None

    def signal(self, now_us: int) -> Signal:
        """The signal now; its value is None when every source is stale or not believed."""
        newest = self._newest
        chosen = self._chosen(now_us)
        value_c = self.mean.mean(now_us) if chosen is not None else None
        if newest is None:
            return Signal(value_c=None)
        last = self.mean.last
        time = None if last is None else from_us(last[0])
        return Signal(value_c=value_c, point=newest.point, time=time, name=newest.name)

    def restore(self, samples: Sequence[tuple[int, int]]) -> None:
        """Takes back what the mean held before a restart; readings that came since stay."""
        newer = [sample for sample in self.mean.samples() if not samples or sample[0] > samples[-1][0]]
        self.mean.restore([*samples, *newer])
        if samples and self._newest is None and self.sensors:
            self._newest = self.sensors[0]


def _apart_k(sensor: OutdoorSensor, expected_c: float) -> float:
    return float("inf") if sensor.value_c is None else abs(sensor.value_c - expected_c)


def _told_apart(usable: Sequence[OutdoorSensor], chosen: OutdoorSensor, expected_c: float | None) -> Text:
    """What each says, which is used, and by what."""
    zh = "、".join(f"{sensor.name.zh} {sensor.value_c:.1f} ℃" for sensor in usable)
    en = ", ".join(f"{sensor.name.en} {sensor.value_c:.1f} °C" for sensor in usable)
    if expected_c is None:
        return Text(
            f"室外温度传感器相差过大：{zh}；没有预报可比，采用 {chosen.name.zh}",
            f"outdoor temperature sensors differ too much: {en}; there is no forecast to compare, "
            f"{chosen.name.en} is used",
        )
    return Text(
        f"室外温度传感器相差过大：{zh}；预报此时 {expected_c:.1f} ℃，采用 {chosen.name.zh}",
        f"outdoor temperature sensors differ too much: {en}; the forecast has {expected_c:.1f} °C, "
        f"{chosen.name.en} is used",
    )


def _spread(sensors: Sequence[OutdoorSensor]) -> float:
    values = [sensor.value_c for sensor in sensors if sensor.value_c is not None]
    return max(values) - min(values) if len(values) > 1 else 0.0
