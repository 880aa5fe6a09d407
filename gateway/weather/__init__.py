"""The forecast of the outdoor temperature, which supply is permitted by."""
