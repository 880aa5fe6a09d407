"""What RS-485 does to the frames of national meters: every value that is read is the meter's, or none is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from facility.errors import TryAgain
from facility.model import SiteFile, build_site
from facility.profiles import ProfileLibrary
from facility.wire_log import WireLog
from gateway.modbus import Transport, connect_modbus
from gateway.modbus.transport import RawRequest
from gateway.national import national_questions
from gateway.national.questions import NationalQuestion
from simulators.world import World
from tests.gateway.adapter import Adapter
from tests.gateway.national.bench import MeterLine, national_site_data, national_world

pytestmark = pytest.mark.asyncio
Damage = Callable[[bytes, bytes], bytes]
"""What comes of a question and its answer."""
TIMEOUT_S = 0.05
WAKE_BYTES = 4


def flipped(data: bytes, place: int) -> bytes:
    changed = bytearray(data)
    changed[place] ^= 0x04
    return bytes(changed)


READ: dict[str, Damage] = {
    "whole": lambda _, answer: answer,
    "without wake-up bytes": lambda _, answer: answer.lstrip(b"\xfe"),
    "a wake-up byte flipped": lambda _, answer: flipped(answer, 1),
    "behind the line's echo": lambda asked, answer: asked + answer,
    "noise before": lambda _, answer: b"\x00\xff\x68\x16\x68" + answer,
    "noise behind": lambda _, answer: answer + b"\x00\x68",
    "twice": lambda _, answer: answer + answer,
}
REFUSED: dict[str, Damage] = {
    "lost": lambda *_: b"",
    "nothing but the echo": lambda asked, _: asked,
    "cut at the end": lambda _, answer: answer[:-1],
    "cut at the front": lambda _, answer: answer[WAKE_BYTES + 1 :],
    "a byte lost inside": lambda _, answer: answer[:20] + answer[21:],
    "the length flipped": lambda _, answer: flipped(answer, WAKE_BYTES + 9),
    "a digit flipped": lambda _, answer: flipped(answer, -5),
    "the checksum flipped": lambda _, answer: flipped(answer, -2),
    "the end flipped": lambda _, answer: flipped(answer, -1),
}


class DamagedLine(MeterLine):
    """The line `meters` on a serial port, with somebody between the meters and the port."""

    def __init__(self, world: World, adapter_path: Path) -> None:
        super().__init__(world)
        self.damage: Damage = READ["whole"]
        self._adapter = Adapter(adapter_path, self._heard)
        self.transport: Transport = connect_modbus("meters", world.site.links["meters"], WireLog())

    def _heard(self, asked: bytes) -> None:
        answer = self.world.answer("meters", asked)
        assert answer is not None, "questions go out whole"
        self._adapter.say(self.damage(asked, answer))

    async def exchange(
        self, unit: str, request: RawRequest, timeout_s: float, *, pause_s: float = 0.0, urgent: bool = False
    ) -> bytes:
        del unit, pause_s, urgent
        return await self.transport.exchange(request, timeout_s)

    async def close(self) -> None:
        await self.transport.close()
        self._adapter.pull_out()


@pytest.mark.parametrize(("device", "point"), [("e1", "e1-meter.energy_import"), ("w1", "w1-meter.volume")])
async def test_every_value_is_the_meters_or_none(tmp_path: Path, device: str, point: str) -> None:
    data = national_site_data()
    data["links"]["meters"] = {"type": "modbus_rtu", "path": str(tmp_path / "port"), "baudrate": 115200, "parity": "N"}
    site = build_site(SiteFile.model_validate(data), ProfileLibrary())
    questions = national_questions(site, device, site.points_of_device(device))
    question = next(question for question in questions if point in question.points)
    line = DamagedLine(national_world(site), tmp_path / "port")
    try:
        found = {name: await read(line, question, point, damage) for name, damage in (READ | REFUSED).items()}
    finally:
        await line.close()
    assert found == dict.fromkeys(READ, "the meter's") | dict.fromkeys(REFUSED, "none")


async def read(line: DamagedLine, question: NationalQuestion, point: str, damage: Damage) -> str:
    """How a question goes whose answer is damaged once; the meter has counted on since the last."""
    truth = line.world.value(point) + 1.0
    line.world.set_counters({point: truth})
    line.damage = damage
    try:
        value = await value_of(line, question, point)
    except TryAgain:
        return "none"
    return "the meter's" if value == pytest.approx(truth, abs=0.011) else f"{value}, not {truth}"


async def value_of(line: DamagedLine, question: NationalQuestion, point: str) -> float | None:
    raw = await question.ask(line, timeout_s=TIMEOUT_S, pause_s=0.0, urgent=False)
    return question.decoder.decode(raw)[0][question.points.index(point)]
