"""What happens in the building: heat, people, air-conditioning, electricity, water. No protocol, no wall time."""

from simulators.physics.building import PhysicalBuilding

__all__ = ["PhysicalBuilding"]
