/** One-way delay as far as this page can know it: the link, and the last stretch to this browser. */

import type { Reception } from "./messages";
import type { PageDelay } from "./voice";
import { milliseconds, UNKNOWN } from "./words";

export interface DelayWords {
  readonly words: string;
  readonly parts: string;
}

export function delayOf(reception: Reception | null, page: PageDelay | null): DelayWords {
  const parts: [string, number | null][] = [
    ["link", reception?.delay_ms ?? null],
    ["relay to you", page?.half_rtt_ms ?? null],
    ["browser", page?.buffer_ms ?? null],
  ];
  const known = parts.map(([, ms]) => ms).filter((ms) => ms !== null);
  const sum = known.reduce((total, ms) => total + ms, 0);
  // without the link's part the sum would say nothing about the link
  const words =
    reception?.delay_ms == null
      ? UNKNOWN
      : `${known.length === parts.length ? "about" : "at least"} ${milliseconds(sum)}`;
  return { words, parts: parts.map(([name, ms]) => `${name} ${milliseconds(ms)}`).join(", ") };
}
