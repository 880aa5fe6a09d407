"""What the API and the pages tell, as plain functions that take the context and return models.

live, history, usage, statement, decisions, commands, alarms, board, structure: one module each.
"""
