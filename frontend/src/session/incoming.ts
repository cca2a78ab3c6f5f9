/** What a message of the relay makes of a call's snapshot; nothing is sent or started here. */

import { withCaption } from "./captions";
import { remembered } from "./history";
import type { PeerInfo, Relay, RelayMessage } from "./messages";
import type { Seat } from "./seat";
import { modeOf, type CallSnapshot, type Other } from "./snapshot";

export function received(
  call: CallSnapshot,
  message: RelayMessage,
  now_ms: number,
  seat: Seat | null,
): CallSnapshot {
  switch (message.type) {
    case "joined":
      return joined(call, message, now_ms, seat);
    case "peer-joined":
      return withOther(call, message.peer, now_ms, `${message.peer.name} is here.`);
    case "peer-dropped":
      return changeOther(call, message.peer, {
        present: false,
        seatUntil_ms: now_ms + message.seat_kept_s * 1000,
      });
    case "peer-resumed":
      return {
        ...changeOther(call, message.peer, { present: true, seatUntil_ms: null }),
        notice: `${call.other?.name ?? "The other"} is back.`,
      };
    case "peer-muted":
      return changeOther(call, message.peer, { muted: message.muted });
    case "mode-changed":
      return modeChanged(call, message);
    case "link-changed":
      return { ...call, link: message.link, notice: `The link is now: ${linkTitle(call, message.link)}.` };
    case "stats":
      return {
        ...call,
        stats: message,
        notice: isBack(call, message) ? "The other side is heard again." : call.notice,
        sentPast: remembered(call.sentPast, now_ms, message.sent),
        receivedPast: remembered(call.receivedPast, now_ms, message.received),
      };
    case "caption":
      return { ...call, lines: withCaption(call.lines, message, now_ms) };
    default:
      return call;
  }
}

function joined(
  call: CallSnapshot,
  message: Relay<"joined">,
  now_ms: number,
  seat: Seat | null,
): CallSnapshot {
  const next: CallSnapshot = {
    ...call,
    me: { peer: message.peer, mode: message.mode },
    link: message.link,
    online: true,
    seatKept_s: message.seat_kept_s,
    seatUntil_ms: null,
    other: null,
    talkingSince_ms: message.resumed ? (call.talkingSince_ms ?? seat?.talkingSince_ms ?? null) : null,
    // a page that was loaded again knows it from its seat
    sharesVoice: message.resumed && seat ? seat.sharesVoice : call.sharesVoice,
    notice: message.resumed ? "The link is back." : "You are in the call.",
  };
  const [peer] = message.peers;
  return peer ? withOther(next, peer, now_ms, next.notice) : next;
}

function withOther(call: CallSnapshot, peer: PeerInfo, now_ms: number, notice: string): CallSnapshot {
  // how long a peer that is away keeps its seat is known only to those who saw it go
  return {
    ...call,
    other: { ...peer, seatUntil_ms: null },
    talkingSince_ms: call.talkingSince_ms ?? now_ms,
    notice,
  };
}

function changeOther(call: CallSnapshot, peer: string, part: Partial<Other>): CallSnapshot {
  return call.other?.peer === peer ? { ...call, other: { ...call.other, ...part } } : call;
}

function modeChanged(call: CallSnapshot, { peer, mode }: Relay<"mode-changed">): CallSnapshot {
  const title = modeOf(call.config, mode)?.title ?? mode;
  if (peer === call.me?.peer) {
    return { ...call, me: { ...call.me, mode }, notice: `You now send ${title}.` };
  }
  const notice = `${call.other?.name ?? "The other"} now sends ${title}.`;
  return { ...changeOther(call, peer, { mode }), notice };
}

/** The thin link was lost in this call, and carries again. */
const isBack = ({ stats }: CallSnapshot, { far }: Relay<"stats">): boolean =>
  stats?.far?.state === "silent" && far?.state === "up";

const linkTitle = (call: CallSnapshot, name: string): string =>
  call.config?.links.find((link) => link.name === name)?.title ?? name;
