/** Time as a parameter, so that a test can run a minute in a millisecond. */
export interface Clock {
  /** Milliseconds since 1970; never goes back, and goes on across a reload. */
  now(): number;
  /** Runs `action` once, after `ms`; the returned function calls it off. */
  after(ms: number, action: () => void): () => void;
}

export const realClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (ms, action) => {
    const timer = setTimeout(action, ms);
    return () => clearTimeout(timer);
  },
};

/** Runs `action` every `ms` until the returned function is called. */
export function every(clock: Clock, ms: number, action: () => void): () => void {
  let cancel = () => {};
  const again = () => {
    cancel = clock.after(ms, () => {
      again();
      action();
    });
  };
  again();
  return () => cancel();
}

/** Waits of 0.5 s, doubling to 5 s. */
export class Backoff {
  #next_ms = 500;

  next(): number {
    const wait = this.#next_ms;
    this.#next_ms = Math.min(5000, wait * 2);
    return wait;
  }

  reset(): void {
    this.#next_ms = 500;
  }
}
