"""Devices that speak by themselves: messages from an MQTT broker become readings."""
