"""How the shipped networks were made. Not in the wheel; needs the extras torch, bench and media."""
