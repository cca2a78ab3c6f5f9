"""A peer's media path: capture, encode, link, decode, playout."""
