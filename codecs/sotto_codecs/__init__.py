"""Sotto's codecs: sound to few bits and back. Start at `base`, the seam, and `registry`."""

import os

# The one thing that importing does, for it has to come first: ONNX Runtime's wheels report what
# they run to their makers unless this is set before they are loaded (its Privacy.md). No call is told of.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
