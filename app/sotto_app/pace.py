"""Whether this machine is fast enough for a network, known before anybody talks in it.

What was measured is kept from start to start, for each set of weights on each kind of machine. That
it is too slow is measured anew: something else may have been running.
"""

import json
import logging
import os
import platform
from collections.abc import Callable
from pathlib import Path

from sotto_app.files import cache_dir
from sotto_codecs.abilities import Paced
from sotto_codecs.base import Codec
from sotto_codecs.errors import TooSlow
from sotto_codecs.pace import real_time_factor

log = logging.getLogger(__name__)

MOST = 0.8  # of real time, both ways together
CPUINFO = Path("/proc/cpuinfo")


class Paces:
    """Real-time factors of this machine."""

    def __init__(
        self, file: Path | None = None, measure: Callable[[Codec], float] = real_time_factor
    ) -> None:
        self._file, self._measure = file or cache_dir() / "pace.json", measure
        self._machine = _machine()
        self._slow = dict[str, float]()  # of this start: several modes have the same weights

    def fit(self, codec: Codec) -> Codec:
        """`codec`, or a lighter one of the same mode. Raises TooSlow where none keeps pace."""
        if not isinstance(codec, Paced):
            return codec
        factor = self._of(codec, codec.weights)
        if factor <= MOST:
            return codec
        if (lighter := codec.lighter()) is None:
            raise TooSlow(codec.spec.name, factor, MOST)
        log.info("%s: these weights take %.2f of real time here", codec.weights, factor)
        return self.fit(lighter)

    def _of(self, codec: Codec, weights: str) -> float:
        key, kept = f"{weights}; {self._machine}", self._kept()
        if key in self._slow:
            return self._slow[key]
        if kept.get(key, 2 * MOST) <= MOST:
            return kept[key]
        factor = kept[key] = self._measure(codec)
        if factor > MOST:
            self._slow[key] = factor
        self._keep(kept)
        return factor

    def _kept(self) -> dict[str, float]:
        try:
            found = json.loads(self._file.read_text())
            return {str(key): float(value) for key, value in found.items()}
        except (OSError, ValueError, TypeError, AttributeError):  # none yet, or not ours
            return {}

    def _keep(self, kept: dict[str, float]) -> None:
        part = self._file.with_suffix(f".{os.getpid()}")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text(json.dumps(kept, indent=1))
            part.replace(self._file)
        except OSError as fault:  # a machine on which nothing can be written measures each time
            log.debug("%s: %s", self._file, fault)


def _machine() -> str:
    """What a real-time factor depends on."""
    lines = CPUINFO.read_text().splitlines() if CPUINFO.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.processor()} {platform.machine()} x{os.cpu_count()}"
