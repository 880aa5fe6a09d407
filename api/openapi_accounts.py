"""Examples of what the account book answers."""

from __future__ import annotations

from typing import Any, Final

_FINANCE: Final = {"zh": "财务科", "en": "Finance"}
_DAY: Final = {"start": "2026-07-15T00:00:00+08:00", "end": "2026-07-16T00:00:00+08:00"}
_MEASURED: Final = {"value": 96.0, "completeness": 1.0, "estimated_share": 0.5, "grade": "allocated", "error": 0.0}

_METER: Final = {
    "id": "f4-401-meter", "name": {"zh": "401 电表", "en": "Meter 401"}, "medium": "electricity", "unit": "kWh",
    "virtual": False, "parent": "main-meter", "feeds": "office:finance", "item": "lighting_sockets",
    "owners": [{"office": "finance", "share": 1.0}], "shared_out": None, "counter": "f4-401-meter.energy_import",
    "reading": 48213.6, "reading_unit": "kWh", "reading_time": "2026-07-15T10:19:57.900+08:00", "reading_age_s": 2.1,
    "reading_quality": "good", "doubts": 0,
}  # fmt: skip

_ENTERED: Final = {
    "id": 3, "kind": "assignments", "author": "admin", "role": "admin_section", "entered": "2026-08-03T10:00:00+08:00",
    "entry": {"meter": "f4-401-meter", "since": "2026-07-01", "office": "finance", "share": 1.0, "reason": "科室调整"},
    "revoked": None,
}  # fmt: skip

_POSTING: Final = {
    "month": "2026-08", "of_month": "2026-07", "office": "finance", "medium": "electricity", "kind": "reversal",
    "amount": -672.0, "reason": "科室调整",
}  # fmt: skip

_JUMP: Final = {
    "meter": "f4-401-meter", "start": "2026-07-03T10:00:00+08:00", "end": "2026-07-03T10:05:00+08:00",
    "before": 48010.2, "after": 48510.2, "amount": 500.0, "believable": 1.04,
}  # fmt: skip

_MONTH: Final = {
    "month": "2026-07", "closed": "2026-08-03T10:00:00+08:00", "by": "admin",
    "sha256": "0f9feb7ad26b341de5846e33f5a7abe4320d2b76c632ddd7f786c33671347454", "postings": [],
}  # fmt: skip

_FACTOR: Final = {
    "kind": "calorific", "carrier": "electricity", "value": 0.1229, "unit": "kgce/kWh", "year": 2020,
    "region": "china", "source": "GB/T 2589-2020", "unverified": False,
}  # fmt: skip

_SPLIT: Final = {
    "outdoor": "vrf-1", "name": {"zh": "1 号室外机", "en": "Outdoor unit 1"}, "meter": "vrf-1-meter",
    "method": "time_capacity",
    "formula": {"zh": "每日:分摊电量 = (电表电量 − 待机电量) × 指数比 + 待机电量 × 容量比",
                "en": "each day: share = (metered - standby) x share of index + standby x share of capacity"},
    "parameters": {"weight_high": 1.0, "weight_medium": 0.8, "weight_low": 0.6, "k": 20.0, "standby_kw": 0.1},
    "start": "2026-07-01T00:00:00+08:00", "end": "2026-08-01T00:00:00+08:00", "energy_kwh": 672.0, "unknown_spans": 0,
    "units": [
        {"unit": "f4-401-ac", "name": {"zh": "401 空调", "en": "AC 401"}, "capacity_kw": 5.6, "area_m2": 41.0,
         "fan_h": {"high": 28.0}, "cooling_h": {"high": 21.5}, "valve": None, "heat_kwh": None, "index": 164.64,
         "energy_kwh": 336.0, "estimated_days": 0, "offices": {"finance": 336.0}},
    ],
    "spans": [
        {"start": "2026-07-01T00:00:00+08:00", "end": "2026-07-02T00:00:00+08:00", "energy_kwh": 96.0,
         "standby_kwh": 2.4, "method": "time_capacity", "index_total": 47.04, "indexes": {"f4-401-ac": 23.52},
         "fractions": {"f4-401-ac": 0.5}, "why": None},
    ],
}  # fmt: skip

ACCOUNT_EXAMPLES: Final[dict[tuple[str, str, str], Any]] = {
    ("/api/v1/usage", "get", "200"): {
        "unit": "kWh", "by": "office", "medium": "electricity", "every": "day",
        "rows": [
            {"key": "finance", "name": _FINANCE, **_DAY, **_MEASURED, "manual_share": 0.0, "cost_yuan": 72.0,
             "cost_complete": True, "coal_kgce": 11.7984, "coal_equivalent_kgce": None},
        ],
        "blocks": [
            {"meter": "f4-401-meter", "name": {"zh": "401 电表", "en": "Meter 401"},
             "start": "2026-07-14T20:00:00+08:00", "end": "2026-07-15T06:00:00+08:00", "value": 20.4},
        ],
        "costs": {"currency": "CNY", "tariffs": ["hunan_2025_single@2025-08-01"], "notes": []},
        "factors": {
            "coal_kgce": {
                "2026": {"value": 0.1229, "unit": "kgce", "factor": _FACTOR, "factors": "china_2023", "version": "1",
                         "notes": [{"zh": "采用 2020 年系数", "en": "factor of 2020 for a report on 2026"}],
                         "why": None},
            },
        },
    },
    ("/api/v1/meters", "get", "200"): {"rows": [_METER]},
    ("/api/v1/meters/{meter}", "get", "200"): {
        "meter": _METER, "start": "2026-07-01T00:00:00+08:00", "end": "2026-07-15T10:20:00+08:00", "replacements": [],
        "readings": [], "corrections": [], "jumps": [], "assignments": [_ENTERED],
        "gaps": [{"kind": "held", "start": _JUMP["start"], "end": _JUMP["end"], "amount": 500.0}], "held": [_JUMP],
        "frozen": None,
    },
    ("/api/v1/meters/{meter}/readings", "get", "200"): {
        "meter": "f4-401-meter", "name": {"zh": "401 电表", "en": "Meter 401"}, "point": "f4-401-meter.energy_import",
        "unit": "kWh",
        "rows": [{"time": "2026-07-15T00:00:00+08:00", "value": 48190.5, "error": 0.01,
                  "before_time": "2026-07-14T23:59:57+08:00", "before": 48190.49,
                  "after_time": "2026-07-15T00:00:03+08:00", "after": 48190.51}],
    },
    ("/api/v1/held-jumps", "get", "200"): {"rows": [_JUMP]},
    ("/api/v1/balance", "get", "200"): {
        "medium": "electricity", "unit": "kWh", **_DAY, "limit_percent": 5.0,
        "rows": [{"meter": "main-meter", "name": {"zh": "总表", "en": "Main meter"}, "parent": None, "level": 0,
                  "figure": {**_MEASURED, "grade": "measured", "estimated_share": 0.0}, "share": None, "known": 86.4,
                  "missing": [], "remainder": {**_MEASURED, "value": 9.6, "grade": "derived"},
                  "remainder_share": 0.1, "over_limit": True}],
    },
    ("/api/v1/air-conditioning/{outdoor}/{month}", "get", "200"): _SPLIT,
    ("/api/v1/quotas", "get", "200"): {
        "rows": [
            {"id": 1, "kind": "quotas", "author": "admin", "role": "admin_section",
             "entered": "2026-01-05T09:00:00+08:00", "revoked": None,
             "entry": {"office": None, "medium": "electricity", "item": None, "per": "head", "period": "month",
                       "amount": 110.0, "since": "2026-01-01", "source": "2026 年用能定额通知", "reason": "年度定额"}},
        ],
    },
    ("/api/v1/months", "get", "200"): {"rows": [_MONTH], "next": "2026-08"},
    ("/api/v1/months/{month}/close", "post", "201"): _MONTH,
    ("/api/v1/months/{month}/restate", "post", "201"): {"month": "2026-07", "postings": [_POSTING]},
    ("/api/v1/meters/{meter}/assignments", "post", "201"): {"entry": _ENTERED, "postings": [_POSTING]},
    ("/api/v1/entries/{kind}/{number}/revoke", "post", "201"): {
        "entry": {**_ENTERED,
                  "revoked": {"by": "admin", "at": "2026-08-04T09:00:00+08:00", "reason": "录入错误"}},
        "postings": [],
    },
}  # fmt: skip
"""(path, method, status) -> the example."""
