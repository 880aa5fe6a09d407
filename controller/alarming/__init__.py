"""Alarms: what is abnormal, how it stands with people, and what follows from what."""
