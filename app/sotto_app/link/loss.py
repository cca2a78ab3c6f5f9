"""How many packets of a numbered stream do not arrive."""

from collections import deque

from sotto_app.link.packet import JUMP, SEQUENCE_BITS, unwrap


class LossMeter:
    """Share of packets lost over the last `window_s`, from the gaps in their numbers."""

    def __init__(self, window_s: float = 5.0) -> None:
        self.window_s = window_s
        self._seen: deque[tuple[float, int]] = deque()
        self._highest: int | None = None

    def add(self, sequence: int, now: float) -> None:
        near = sequence if self._highest is None else self._highest
        number = unwrap(sequence, near, SEQUENCE_BITS)
        if abs(number - near) > JUMP:  # another talker
            self._seen.clear()
            near = number
        self._highest = max(number, near)
        self._seen.append((now, number))
        self._forget(now)

    def share(self, now: float) -> float:
        self._forget(now)
        numbers = {number for _, number in self._seen}
        if not numbers:
            return 0.0
        return 1 - len(numbers) / (max(numbers) - min(numbers) + 1)

    def _forget(self, now: float) -> None:
        while self._seen and self._seen[0][0] < now - self.window_s:
            self._seen.popleft()
