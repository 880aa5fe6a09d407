"""The registers of all simulated devices: what a master reads, and what its writes mean. Own code, no gateway's."""

from simulators.registers.bank import Registers

__all__ = ["Registers"]
