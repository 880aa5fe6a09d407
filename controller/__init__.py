"""Decides: rules as data, arbitration by priority, timers and stagger, commands and what came of them."""
