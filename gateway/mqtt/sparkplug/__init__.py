"""Edge nodes that speak Sparkplug B (Eclipse Sparkplug Specification 3.0)."""
