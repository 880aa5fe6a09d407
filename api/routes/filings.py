"""Filings: exceptions, notices and bookings."""

from __future__ import annotations

from fastapi import APIRouter

router = APIRouter(tags=["control"])
