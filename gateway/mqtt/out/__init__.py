"""What other systems read of the building on a broker, and what they ask for: see docs/mqtt-out.md."""
