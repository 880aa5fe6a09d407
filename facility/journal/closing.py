"""What a closed month must be, so that its figures come back exactly as they were told."""

from __future__ import annotations

import hashlib
import re
from dataclasses import asdict
from typing import Any, Final

import orjson

from facility.accounting.entries import ClosedMonth
from facility.errors import EntryRefused
from facility.journal.rules import check_month
from facility.text import Text

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def canonical(document: dict[str, object]) -> bytes:
    """The document as JSON in its one form: keys sorted, no spaces, UTF-8.

    Raises:
        EntryRefused: JSON cannot hold it, or would change it: a figure that is not finite, a key that is no text.
    """
    try:
        written = orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
    except TypeError as error:
        raise _unfit(str(error)) from error
    if orjson.loads(written) != document:
        raise _unfit("JSON would change it")
    return written


def sha256_of(document: dict[str, object]) -> str:
    """The SHA-256 of the document's canonical form, as hexadecimal digits."""
    return hashlib.sha256(canonical(document)).hexdigest()


def check_closing(month: ClosedMonth) -> dict[str, Any]:
    """The month as columns.

    Raises:
        EntryRefused: it is no month, nobody closes it, its document cannot be kept as it is, or its sum is none.
    """
    check_month("month", month.month)
    if not month.by.strip():
        raise EntryRefused(Text("结账人必须填写", "who closes the month is needed"), field="by")
    canonical(month.document)
    if _SHA256.fullmatch(month.sha256) is None:
        raise EntryRefused(Text("校验值不是 SHA-256", "the document's sum is no SHA-256"), field="sha256")
    return asdict(month)


def _unfit(why: str) -> EntryRefused:
    text = Text(f"月结数据无法原样保存({why})", f"the month's figures cannot be kept as they are ({why})")
    return EntryRefused(text, field="document")
