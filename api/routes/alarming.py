"""What people do with alarms, and who is told."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["control"])
