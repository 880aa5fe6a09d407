"""The ground floor: the building's vocabulary and its memory. Imports none of the rooms above."""
