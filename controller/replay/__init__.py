"""Policies over recorded time: the rules of the controller, asked again with what was recorded."""
