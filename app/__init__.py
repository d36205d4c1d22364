"""Handrail: the backend of a recovery programme's app."""

import gc

# By default Python looks for garbage after every 700 new objects: a quarter of the time that a start takes,
# and it finds next to nothing, as what importing makes stays.
gc.set_threshold(25_000, 20, 20)
