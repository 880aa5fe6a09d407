"""Simulated national meters: what they answer to DL/T 645-2007 and CJ/T 188 masters. Own code, no gateway's."""

from simulators.national.listening import frame_bytes
from simulators.national.meters import NationalMeter, NationalMeters

__all__ = ["NationalMeter", "NationalMeters", "frame_bytes"]
