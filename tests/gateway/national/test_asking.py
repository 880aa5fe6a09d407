"""Questions to national meters, answered by the simulated ones: what is asked, what is read, what is refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from facility.errors import BadAnswer, DeviceBusy, DeviceRefused, HouqinError, NoAnswer
from facility.model import Site
from facility.profiles.schema import Limits
from facility.quantities import Quantity
from facility.readings import Status
from gateway.modbus.transport import RawRequest
from gateway.national import dlt645
from gateway.national.decoding import WantedValue
from gateway.national.finding import (
    cjt188_address_request,
    cjt188_meter_in,
    dlt645_address_request,
    dlt645_number_in,
)
from gateway.national.questions import Cjt188Question, Dlt645Question, NationalQuestion, national_questions
from simulators.national.dlt645 import ElectricityMeter
from simulators.world import World
from tests.gateway.national.bench import METERS, MeterLine, national_site, national_world

pytestmark = pytest.mark.asyncio
COARSEST = {Quantity.ACTIVE_POWER: 0.01, Quantity.VOLTAGE: 0.1}


@pytest.fixture(scope="module")
def site() -> Site:
    return national_site()


@pytest.fixture
def world(site: Site) -> World:
    return national_world(site)


def questions(site: Site, device: str) -> list[NationalQuestion]:
    return national_questions(site, device, site.points_of_device(device))


async def ask(question: NationalQuestion, line: MeterLine) -> dict[str, tuple[float | None, Status]]:
    raw = await question.ask(line, timeout_s=0.1, pause_s=0.0, urgent=False)
    values, statuses = question.decoder.decode(raw)
    flags = statuses if statuses is not None else [Status.GOOD] * len(values)
    return dict(zip(question.points, zip(values, flags, strict=True), strict=True))


@pytest.mark.parametrize("device", [row[0] for row in METERS])
async def test_every_point_of_every_meter_is_read_as_the_building_has_it(site: Site, world: World, device: str) -> None:
    line = MeterLine(world)
    read: dict[str, tuple[float | None, Status]] = {}
    for question in questions(site, device):
        read |= await ask(question, line)
    assert set(read) == {point.id for point in site.points_of_device(device)}
    for point, (value, status) in read.items():
        assert status is Status.GOOD, point
        assert value is not None
        truth = world.value(point)
        ratio = site.devices[device].ct_ratio
        step = COARSEST.get(site.points[point].quantity, 0.051) * ratio
        assert value == pytest.approx(truth, abs=max(step, 1e-3 * abs(truth))), point


async def test_blocks_are_asked_with_one_question(site: Site) -> None:
    asked = {question.di: len(question.points) for question in questions(site, "e3")}
    assert asked["0001FF00"] == 5
    assert asked["0201FF00"] == 3
    assert asked["0203FF00"] == 4
    assert len(questions(site, "h1")) == 1


async def test_a_block_that_the_meter_does_not_know_is_asked_value_by_value(site: Site, world: World) -> None:
    block = next(question for question in questions(site, "e3") if question.di == "0202FF00")
    parts = block.parts(Limits())
    assert [part.di for part in parts] == ["02020100", "02020200", "02020300"]
    assert [part.points for part in parts] == [(point,) for point in block.points]
    line = MeterLine(world)
    together = await ask(block, line)
    alone = [await ask(part, line) for part in parts]
    assert {point: value for row in alone for point, value in row.items()} == together
    assert parts[0].parts(Limits()) == []


async def test_an_identifier_that_the_meter_does_not_have_is_refused_and_not_taken_for_silence(
    site: Site, world: World
) -> None:
    question = questions(site, "e1")[0]
    stranger = Dlt645Question(
        question.number, question.where, question.frame,
        [asked_for(question, "0201FF00")],
    )  # fmt: skip
    with pytest.raises(DeviceRefused, match="no such data") as refused:
        await ask(stranger, MeterLine(world))
    assert refused.value.code == 2
    assert str(refused.value.where) == "line meters, at 000012345678, device e1"


def asked_for(question: NationalQuestion, di: str) -> WantedValue:
    """The first value of a question, under another identifier."""
    first = question.wanted[0]
    return replace(first, spec=first.spec.model_copy(update={"di": di, "block": None}))


async def test_serial_numbers_of_questions_differ_so_that_an_old_answer_satisfies_none(
    site: Site, world: World
) -> None:
    question, line = questions(site, "w1")[0], MeterLine(world)
    await ask(question, line)
    old = world.answer("meters", line.frames[0])
    assert old is not None
    line.before = old
    await ask(question, line)
    assert line.frames[0] != line.frames[1]
    world.faults.silence("meters")
    late = AnsweringLine(lambda _: [old])
    with pytest.raises(NoAnswer):
        await question.ask(late, timeout_s=0.1, pause_s=0.0, urgent=False)


class AnsweringLine(MeterLine):
    """Gives made-up answers, in turn."""

    def __init__(self, answers: Callable[[RawRequest], Sequence[bytes]]) -> None:
        self._answers = answers

    async def exchange(
        self, unit: str, request: RawRequest, timeout_s: float, *, pause_s: float = 0.0, urgent: bool = False
    ) -> bytes:
        found = request.found(b"".join(self._answers(request)))
        if found is None:
            raise NoAnswer(f"{unit}: nothing in {timeout_s} s, {pause_s} {urgent}")
        return found


def said(number: str, control: int, data: bytes) -> bytes:
    return dlt645.framed(number, control, data, preamble=2)


def energy_question(site: Site) -> NationalQuestion:
    return next(question for question in questions(site, "e3") if question.di == "0001FF00")


LABEL = bytes.fromhex("00 FF 01 00")


@pytest.mark.parametrize(
    ("control", "data", "error"),
    [
        (0xD1, b"\x02", DeviceRefused),
        (0xD1, b"\x04", DeviceRefused),
        (0xD1, b"\x01", DeviceBusy),
        (0xD1, b"", DeviceBusy),
        (0x91, LABEL, BadAnswer),
        (0x91, LABEL + bytes(3), BadAnswer),
        (0x91, LABEL[:3], NoAnswer),
        (0x93, LABEL + bytes(4), NoAnswer),
    ],
)
async def test_answers_that_are_none_are_told_apart(
    site: Site, control: int, data: bytes, error: type[HouqinError]
) -> None:
    question = energy_question(site)
    line = AnsweringLine(lambda _: [said(question.number, control, data)])
    with pytest.raises(error):
        await question.ask(line, timeout_s=0.1, pause_s=0.0, urgent=False)


async def test_a_meter_with_fewer_tariffs_gives_what_it_has(site: Site) -> None:
    question = energy_question(site)
    line = AnsweringLine(lambda _: [said(question.number, 0x91, LABEL + bytes.fromhex("42 06 12 00 42 06 12 00"))])
    read = await ask(question, line)
    assert read["e3-meter.energy_import"] == (48_256.8, Status.GOOD)
    assert read["e3-meter.energy_import_tariff_1"] == (48_256.8, Status.GOOD)
    assert read["e3-meter.energy_import_tariff_2"] == (None, Status.NOT_AVAILABLE)


async def test_a_meter_with_more_tariffs_than_the_profile_names_is_read_too(site: Site) -> None:
    question = energy_question(site)
    line = AnsweringLine(lambda _: [said(question.number, 0x91, LABEL + bytes.fromhex("42 06 12 00") * 13)])
    assert set((await ask(question, line)).values()) == {(48_256.8, Status.GOOD)}


@pytest.mark.parametrize("piece_bytes", [1, 7, 8, 19, 20])
async def test_an_answer_in_pieces_is_put_together(site: Site, world: World, piece_bytes: int) -> None:
    question = energy_question(site)
    whole = await ask(question, MeterLine(world))
    for meter in world.meters_of_line("meters"):
        if isinstance(meter.speaker, ElectricityMeter):
            meter.speaker.piece_bytes = piece_bytes
    line = MeterLine(world)
    if -(-20 // piece_bytes) - 1 > 16:
        with pytest.raises(BadAnswer, match="does not end"):
            await ask(question, line)
        return
    assert await ask(question, line) == whole
    assert len(line.frames) == -(-20 // piece_bytes)


async def test_a_piece_out_of_turn_is_no_answer(site: Site) -> None:
    question = energy_question(site)

    def answers(request: RawRequest) -> list[bytes]:
        is_first = b"\x11\x04" in request.frame
        control, tail = (0xB1, bytes(4)) if is_first else (0x92, bytes(4) + b"\x07")
        return [said(question.number, control, LABEL + tail)]

    with pytest.raises(BadAnswer, match="piece 7"):
        await ask(question, AnsweringLine(answers))


async def test_what_the_meter_fills_with_f_is_bad_and_not_zero(site: Site, world: World) -> None:
    world.faults.force("w1-meter.volume", None)
    world.faults.force("e1-meter.power", None)
    world.faults.force("e1-meter.current", 0.0)
    line = MeterLine(world)
    read: dict[str, tuple[float | None, Status]] = {}
    for question in questions(site, "w1") + questions(site, "e1"):
        read |= await ask(question, line)
    assert read["w1-meter.volume"] == (None, Status.NOT_AVAILABLE)
    assert read["e1-meter.power"] == (None, Status.NOT_AVAILABLE)
    assert read["e1-meter.current"] == (0.0, Status.GOOD)


async def test_a_meter_that_returns_power_is_read_negative(site: Site, world: World) -> None:
    world.faults.force("e1-meter.power", -1.25)
    read: dict[str, tuple[float | None, Status]] = {}
    for question in questions(site, "e1"):
        read |= await ask(question, MeterLine(world))
    assert read["e1-meter.power"] == (-1.25, Status.GOOD)


async def test_noise_and_the_echo_of_the_question_do_no_harm(site: Site, world: World) -> None:
    for device in ("e1", "w1", "h2"):
        for question in questions(site, device):
            line = MeterLine(world)
            line.before = b"\x00\x68\x10\xff\x68"
            line.behind = b"\xfe\x16\x68"
            assert all(status is Status.GOOD for _, status in (await ask(question, line)).values())


async def test_the_only_meter_of_a_line_is_found_by_asking_whoever_is_there(world: World) -> None:
    request = dlt645_address_request()
    assert dlt645_number_in(world.answer("meters", request.frame) or b"") == "000012345678"
    for order in ("low_first", "high_first"):
        pipe = cjt188_address_request(order, serial=9)
        said = world.answer("meters", pipe.frame)
        assert said is not None
        assert pipe.found(said) is not None
        assert cjt188_meter_in(said) == (0x10, "78330011223344")


async def test_a_heat_meter_with_its_units_in_front_is_read_from_a_published_answer(site: Site) -> None:
    answer = bytes.fromhex(
        "FE FE FE FE 68 20 32 41 31 40 00 00 00 81 2E 90 1F 01 08 02 00 00 00 08 02 00 00 00 17 00 00 00 00 35 00 00 00"
        " 00 2C 34 10 00 00 35 25 00 66 25 00 00 00 00 53 00 12 10 07 15 20 00 00 31 16"
    )
    question = questions(site, "h2")[0]
    assert isinstance(question, Cjt188Question)
    values, statuses = question.decoder.decode(answer[18:-2])
    read = dict(zip(question.points, values, strict=True))
    assert statuses is None
    assert read["h2-meter.energy"] == pytest.approx(0.02 * 3.6)
    assert (read["h2-meter.power"], read["h2-meter.flow"], read["h2-meter.volume"]) == (0.0, 0.0, 10.34)
    assert (read["h2-meter.supply_temperature"], read["h2-meter.return_temperature"]) == (25.35, 25.66)
