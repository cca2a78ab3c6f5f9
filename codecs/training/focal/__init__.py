"""The small member of the FocalCodec family, ours: its network, and the commands that train it.

python -m training.tiny prepare makes the cache of speech; then python -m training.focal
train | evaluate | export; each explains itself with --help.
"""
