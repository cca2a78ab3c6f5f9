/** What stands between these two people right now, in words. */

import type { FarLink } from "./messages";
import type { CallSnapshot } from "./snapshot";

export interface Banner {
  readonly tone: "lost" | "wait" | "alone";
  readonly words: string;
  /** When what the words promise runs out; the screen counts down to it. */
  readonly until_ms: number | null;
}

const ALONE = "Nobody else is here yet. Send them the link.";
const ALONE_HERE = "On the other side of the thin link it begins with the address of the relay there.";

/** What is wrong with the thin link to the other relay. */
const BEYOND: Record<Exclude<FarLink["state"], "up">, Banner> = {
  "setting up": { tone: "wait", words: "The link to the other side is being set up.", until_ms: null },
  silent: {
    tone: "lost",
    words: "Nothing is heard from the other side. The call goes on when the link is back.",
    until_ms: null,
  },
  down: {
    tone: "lost",
    words: "The link to the other side is down. It is set up again when the other side answers.",
    until_ms: null,
  },
};

export function bannerOf(call: CallSnapshot): Banner | null {
  const { other, voice } = call;
  const far = call.stats?.far ?? null;
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
  if (far !== null && far.state !== "up") return BEYOND[far.state];
  if (other === null) {
    return { tone: "alone", words: far === null ? ALONE : `${ALONE} ${ALONE_HERE}`, until_ms: null };
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
