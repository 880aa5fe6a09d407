"""Signing with Ed25519 (RFC 8032, section 5.1), as a weather service's tokens need it: a few times a day.

The arithmetic is plain Python and takes milliseconds whose number depends on the key. It is for signing one's own
requests on one's own machine, not for a service that strangers can time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Final

from facility.errors import SecretMissing

Point = tuple[int, int, int, int]
"""A point of the curve in extended coordinates X, Y, Z, T."""

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_D: Final = -121665 * pow(121666, -1, _P) % _P
_BASE_Y: Final = 4 * pow(5, -1, _P) % _P
_BASE_X: Final = 15112221349535400772501151409588531511454012693041857206046113283949847762202
_BASE: Final[Point] = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % _P)
_NEUTRAL: Final[Point] = (0, 1, 1, 0)

_PKCS8_HEAD: Final = bytes.fromhex("302e020100300506032b657004220420")
"""What stands before the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410, section 7)."""


def sign(seed: bytes, message: bytes) -> bytes:
    """The 64 bytes with which the key of these 32 bytes signs `message`."""
    scalar, prefix = _expanded(seed)
    public = _compressed(_times(scalar, _BASE))
    nonce = _number(prefix + message)
    commitment = _compressed(_times(nonce, _BASE))
    answer = (nonce + _number(commitment + public + message) * scalar) % _ORDER
    return commitment + answer.to_bytes(32, "little")


def public_key(seed: bytes) -> bytes:
    """The 32 bytes of the public key."""
    return _compressed(_times(_expanded(seed)[0], _BASE))


def seed_of_pem(pem: str) -> bytes:
    """The 32 bytes of a private key in PEM, as `openssl genpkey -algorithm ED25519` writes it.

    Raises:
        SecretMissing: it is no such key. The message does not repeat it.
    """
    lines = [line.strip() for line in pem.strip().splitlines()]
    try:
        held = base64.b64decode("".join(line for line in lines if not line.startswith("-----")), validate=True)
    except binascii.Error:
        held = b""
    if not held.startswith(_PKCS8_HEAD) or len(held) != len(_PKCS8_HEAD) + 32:
        raise SecretMissing(
            "this is no Ed25519 private key in PEM; make one with `openssl genpkey -algorithm ED25519`"
            " / 不是 PEM 格式的 Ed25519 私钥"
        )
    return held[-32:]


def _expanded(seed: bytes) -> tuple[int, bytes]:
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    scalar &= (1 << 254) - 8
    scalar |= 1 << 254
    return scalar, digest[32:]


def _number(data: bytes) -> int:
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % _ORDER


def _sum(one: Point, other: Point) -> Point:
    a = (one[1] - one[0]) * (other[1] - other[0]) % _P
    b = (one[1] + one[0]) * (other[1] + other[0]) % _P
    c = 2 * one[3] * other[3] * _D % _P
    d = 2 * one[2] * other[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(scalar: int, point: Point) -> Point:
    found = _NEUTRAL
    while scalar:
        if scalar & 1:
            found = _sum(found, point)
        point = _sum(point, point)
        scalar >>= 1
    return found


def _compressed(point: Point) -> bytes:
    inverse = pow(point[2], -1, _P)
    x, y = point[0] * inverse % _P, point[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")
