"""Policies tried out over recorded time."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["control"])
