"""A list that a unit mailed in, against the unit's tab: who is new, what has changed, what contradicts."""
