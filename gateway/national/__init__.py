"""National meters on the wire: DL/T 645-2007 and CJ/T 188, beside Modbus units on the same line."""

from gateway.national.questions import national_questions

__all__ = ["national_questions"]
