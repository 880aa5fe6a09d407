"""What a rule written as data says in a sentence: its name, what it looked at, and what follows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from controller.policy.findings import Seen
from facility.commands import Wish
from facility.decisions import Effect
from facility.text import Text


class Saying(NamedTuple):
    """The values of a finding of a rule written as data. `meant` is the effect it would have were it enforced, `limits`
    the setpoints (cooling from, to, heating from, to), `shown` the effect it has.
    """

    name: Text
    meant: Effect
    wish: Wish | None
    limits: tuple[float | None, ...] | None
    shown: Effect


_FOLLOWS: Final[Mapping[Effect, Text]] = {
    Effect.PERMIT: Text("允许运行", "it may run"),
    Effect.FORBID: Text("不得运行", "it must not run"),
    Effect.HOLD: Text("不新启动", "no start"),
}
_STATES: Final[Mapping[str, tuple[Text, Text]]] = {
    "present": (Text("无人", "nobody in"), Text("有人", "somebody in")),
    "open": (Text("门窗关闭", "windows closed"), Text("门窗打开", "a window or door open")),
    "on": (Text("停止", "off"), Text("运行", "running")),
    "rain": (Text("无雨", "no rain"), Text("下雨", "rain")),
}
_MEASURES: Final[Mapping[str, tuple[Text, str, str]]] = {
    "temperature": (Text("温度", "temperature"), "℃", "C"),
    "room_temperature": (Text("回风温度", "return air"), "℃", "C"),
    "daily_max": (Text("今天预报最高", "forecast maximum today"), "℃", "C"),
    "setpoint": (Text("设定温度", "setpoint"), "℃", "C"),
    "humidity": (Text("相对湿度", "humidity"), "%", "%"),
    "illuminance": (Text("照度", "illuminance"), "lx", "lx"),
    "power": (Text("功率", "power"), "kW", "kW"),
    "cloud": (Text("云量", "cloud cover"), "%", "%"),
}
SHOWN: Final = 3


def said(saying: Saying, inputs: Sequence[Seen], wish_words: Callable[[Wish], Text]) -> Text:
    """The rule's part of a sentence."""
    looks = [words for words in (seen_words(one) for one in inputs) if words is not None][:SHOWN]
    zh, en = "、".join(look.zh for look in looks), ", ".join(look.en for look in looks)
    follows = _follows(saying, wish_words)
    because = Text(f"（{zh}）" if zh else "", f" ({en})" if en else "")
    if saying.shown is Effect.ADVISE:
        follows = Text(f"建议{follows.zh}", f"advised: {follows.en}")
    name = saying.name
    return Text(f"规则“{name.zh}”{because.zh}：{follows.zh}", f"rule “{name.en}”{because.en}: {follows.en}")


def _follows(saying: Saying, wish_words: Callable[[Wish], Text]) -> Text:
    if saying.wish is not None:
        words = wish_words(saying.wish)
        return words if saying.shown is not Effect.ADVISE else Text(words.zh, words.en)
    if saying.limits is not None:
        return _limits(saying.limits)
    return _FOLLOWS[saying.meant]


def _limits(limits: tuple[float | None, ...]) -> Text:
    words = (
        Text("制冷设定不低于", "cooling not below"), Text("制冷设定不高于", "cooling not above"),
        Text("制热设定不低于", "heating not below"), Text("制热设定不高于", "heating not above"),
    )  # fmt: skip
    given = [(word, value) for word, value in zip(words, limits, strict=True) if value is not None]
    zh = "，".join(f"{word.zh} {value:g} ℃" for word, value in given)
    return Text(zh, ", ".join(f"{word.en} {value:g} C" for word, value in given))


def seen_words(seen: Seen) -> Text | None:
    """An input in words, None for one that says nothing by itself."""
    name = seen.point.rpartition(".")[2]
    if seen.value is None:
        return Text(f"{seen.point} 未知", f"{seen.point} unknown")
    if isinstance(seen.value, bool) and name in _STATES:
        return _STATES[name][seen.value]
    if name in _STATES and isinstance(seen.value, float) and seen.value in (0.0, 1.0):
        return _STATES[name][int(seen.value)]
    if name in _MEASURES and isinstance(seen.value, int | float):
        label, unit_zh, unit_en = _MEASURES[name]
        value = f"{seen.value:.4g}"
        return Text(f"{label.zh} {value} {unit_zh}", f"{label.en} {value} {unit_en}")
    return None
