"""Sotto's own small codec: its network, and the commands that train it.

python -m training.tiny prepare | train | evaluate, in this order; each explains itself with --help.
"""
