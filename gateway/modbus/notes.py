"""What was wrong with a frame, as whoever looks at a line's frames reads it."""

from __future__ import annotations

from typing import Final

LATE: Final = "late answer, dropped / 迟到的应答，已丢弃"
REPEATED: Final = "answered once more, dropped / 重复的应答，已丢弃"
MISFIT: Final = "no answer to the question / 与询问不符"
BROKEN: Final = "no whole frame / 帧不完整或校验错误"
AROUND: Final = "more than the answer came / 应答前后有多余字节"
UNASKED: Final = "nobody asked / 无人询问"
FLOODED: Final = "more than any answer holds, dropped / 字节过多，已丢弃"
FOREIGN: Final = "not Modbus/TCP, connection given up / 不是 Modbus/TCP，已断开连接"
