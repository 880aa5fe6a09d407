"""Modbus on the wire: requests, the checks of their answers, and the transports that carry them."""

from gateway.modbus.connect import connect_modbus
from gateway.modbus.transport import RawRequest, Transport

__all__ = ["RawRequest", "Transport", "connect_modbus"]
