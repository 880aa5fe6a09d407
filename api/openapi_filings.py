"""Examples of what filings are answered as."""

from __future__ import annotations

from typing import Any, Final

_FILING: Final = {
    "id": 12, "kind": "exception", "kind_text": {"zh": "例外备案", "en": "exception"}, "state": "approved",
    "phase": "coming", "phase_text": {"zh": "已批准,未开始", "en": "approved, to come"}, "office": "finance",
    "office_name": {"zh": "财务科", "en": "Finance"}, "applicant": "财务科操作员", "role": "section_operator",
    "filed": "2026-07-17T15:00:00+08:00", "late": False, "provisional": False, "begins": "2026-07-18T09:00:00+08:00",
    "start": "2026-07-18T09:00:00+08:00", "end": "2026-07-18T12:00:00+08:00", "lead_minutes": 0.0,
    "scope": {"everything": False, "buildings": [], "floors": [], "offices": [], "spaces": ["r401"], "equipment": [],
              "places": {"zh": "401 财务科", "en": "401 Finance"}},
    "relaxes": {"hours": True, "holiday": True, "forecast": False, "weather": False, "cooling_outdoor_c": None,
                "heating_outdoor_c": None, "setpoint_min_cool_c": None, "setpoint_max_heat_c": None,
                "text": {"zh": "时间段外供应、休息日供应", "en": "outside the window, on days of rest"}},
    "stops": False, "reason": "半年决算加班", "reference": "",
    "decided": {"by": "行政科长", "role": "admin_section", "at": "2026-07-17T15:20:00+08:00", "note": "同意"},
    "revoked": None, "held_from": None, "held_to": None, "overlaps": [],
}  # fmt: skip

FILING_EXAMPLES: Final[dict[tuple[str, str, str], Any]] = {
    ("/api/v1/filings", "get", "200"): {"rows": [_FILING]},
    ("/api/v1/filings", "post", "201"): {
        "filings": [{**_FILING, "state": "submitted", "phase": "submitted",
                     "phase_text": {"zh": "待审批", "en": "to be decided"}, "decided": None}],
    },
    ("/api/v1/filings/{number}", "get", "200"): _FILING,
    ("/api/v1/filings/{number}/approve", "post", "200"): _FILING,
}  # fmt: skip
