"""What can be wrong with a file that the command line is given; each message is one line.

BadFile
├── BadRecording    bytes that are not a .sotto file that this version can read
└── BadSound        a file that is no sound, or holds none
"""


class BadFile(Exception):
    """Base of what can be wrong with a file."""


class BadRecording(BadFile):
    """Bytes that are not a .sotto file that this version can read."""


class BadSound(BadFile):
    """A file that is no sound, or holds none."""
