"""Bytes in the embedded store's file: a CRC-32 (4 bytes, little endian) of what follows, and one zstd frame."""

from __future__ import annotations

import struct
import threading
import zlib
from typing import Final

import zstandard

_CRC: Final = struct.Struct("<I")

_local = threading.local()


class Unreadable(Exception):
    """The bytes are not what was written."""


def packed(body: bytes, level: int) -> bytes:
    """`body` compressed, with its checksum."""
    compressors: dict[int, zstandard.ZstdCompressor] = _local.__dict__.setdefault("compressors", {})
    if level not in compressors:
        compressors[level] = zstandard.ZstdCompressor(level=level)
    return signed(compressors[level].compress(body))


def unpacked(data: bytes) -> bytes:
    """The body again.

    Raises:
        Unreadable: the checksum differs.
    """
    if "decompressor" not in _local.__dict__:
        _local.decompressor = zstandard.ZstdDecompressor()
    body: bytes = _local.decompressor.decompress(unsigned(data))
    return body


def signed(body: bytes) -> bytes:
    """`body` as it is, with its checksum."""
    return _CRC.pack(zlib.crc32(body)) + body


def unsigned(data: bytes) -> memoryview:
    """The body of what was `signed`.

    Raises:
        Unreadable: the checksum differs.
    """
    body = memoryview(data)[_CRC.size :]
    if len(data) < _CRC.size or _CRC.unpack_from(data)[0] != zlib.crc32(body):
        raise Unreadable("checksum differs")
    return body


def check_version(body: bytes, version: int) -> None:
    """Refuses a body that another version of this software wrote.

    Raises:
        Unreadable: its first byte is another.
    """
    if not body or body[0] != version:
        raise Unreadable(f"format {body[:1].hex() or 'empty'} is not known to this version")
