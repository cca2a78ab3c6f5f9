/** What stands between these two people right now, in words. */

import type { CallSnapshot } from "./snapshot";

export interface Banner {
  readonly tone: "lost" | "wait" | "alone";
  readonly words: string;
  /** When what the words promise runs out; the screen counts down to it. */
  readonly until_ms: number | null;
}

export function bannerOf(call: CallSnapshot): Banner | null {
  const { other, voice } = call;
  if (!call.online) {
    return {
      tone: "lost",
      words: `Link lost. Reconnecting; your seat is kept for ${call.seatKept_s} s.`,
      until_ms: call.seatUntil_ms,
    };
  }
  if (voice === "lost") {
    return { tone: "lost", words: "Your voice does not reach the relay. Connecting it again.", until_ms: null };
  }
  if (voice !== "connected") {
    return { tone: "wait", words: "Connecting your voice to the relay.", until_ms: null };
  }
  if (other === null) {
    return { tone: "alone", words: "Nobody else is here yet. Send them the link.", until_ms: null };
  }
  if (!other.present) {
    return {
      tone: "lost",
      words: `The link of ${other.name} is lost. The seat is kept for a while; you need not do anything.`,
      until_ms: other.seatUntil_ms,
    };
  }
  return null;
}

/** Whole seconds until `until_ms`, never negative. */
export const secondsLeft = (until_ms: number, now_ms: number): number =>
  Math.max(0, Math.ceil((until_ms - now_ms) / 1000));
