"""The simulated building behind real servers: Modbus, MQTT, forecast. What a gateway meets is protocol, not Python."""

from simulators.servers.serve import Serving, serve

__all__ = ["Serving", "serve"]
