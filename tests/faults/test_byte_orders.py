"""The four orders in which a value's bytes may come: a wrong one is not believed (FT-10)."""

from __future__ import annotations

import struct

import pytest

from facility.profiles.registers import Order
from facility.profiles.schema import ModbusPoint
from facility.readings import Status
from gateway.codec import Decoded, decode

ORDERS: tuple[Order, ...] = ("ABCD", "CDAB", "BADC", "DCBA")
PLACES = {"ABCD": (0, 1, 2, 3), "CDAB": (2, 3, 0, 1), "BADC": (1, 0, 3, 2), "DCBA": (3, 2, 1, 0)}
"""As devices send them, written down by hand."""


def sent(volts: float, order: Order) -> bytes:
    plain = struct.pack(">f", volts)
    return bytes(plain[place] for place in PLACES[order])


def taken(raw: bytes, order: Order) -> Decoded:
    point = {
        "id": "voltage", "name": {"zh": "电压"}, "quantity": "voltage", "unit": "V", "table": "holding", "address": 0,
        "type": "float32", "order": order,
    }  # fmt: skip
    return decode(ModbusPoint.model_validate(point), raw)


@pytest.mark.parametrize("volts", [230.4, 0.25, 398.7])
@pytest.mark.parametrize("order", ORDERS)
def test_of_the_orders_of_a_value_only_the_right_one_is_believed(volts: float, order: Order) -> None:
    raw = sent(volts, order)
    found = {tried: taken(raw, tried) for tried in ORDERS}
    believed, status = found[order]
    assert believed == pytest.approx(volts)
    assert status is Status.GOOD
    wrong = [value for tried, (value, _) in found.items() if tried != order and value is not None]
    assert all(value < 1e-6 for value in wrong), "next to nothing where it is not out of range"
    assert len(wrong) < 3


@pytest.mark.parametrize("order", ORDERS)
def test_a_zero_is_zero_in_every_order(order: Order) -> None:
    assert taken(bytes(4), order) == (0.0, Status.GOOD)
