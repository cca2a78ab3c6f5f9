"""One relay's end of a thin link: rooms that two relays share."""
