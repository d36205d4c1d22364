"""Whether the treatment takes place: presence, minutes, weekly hours. Pure."""
