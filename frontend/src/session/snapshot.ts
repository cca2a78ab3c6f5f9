/** All that a screen needs to know about a call, as one immutable value. */

import type { Line, Names } from "./captions";
import type { RelayConfig } from "./config";
import type { Trouble } from "./errors";
import type { Moment } from "./history";
import type { PeerInfo, Relay } from "./messages";
import type { VoiceState } from "./pipeline";
import type { PageDelay } from "./voice";

export type Phase = "preparing" | "green-room" | "joining" | "call" | "ended" | "trouble";

export interface Ended {
  readonly by: "me" | "other" | "timeout";
  readonly otherName: string | null;
  /** Null: nobody else was ever there. */
  readonly talked_ms: number | null;
  readonly sentBytes: number | null;
  readonly receivedBytes: number | null;
}

export interface Me {
  readonly peer: string;
  readonly mode: string;
}

export interface Other extends PeerInfo {
  /** While dropped: when its seat runs out. */
  readonly seatUntil_ms: number | null;
}

export interface CallSnapshot {
  readonly phase: Phase;
  readonly room: string;
  readonly config: RelayConfig | null;
  readonly me: Me | null;
  readonly other: Other | null;
  readonly link: string | null;
  readonly online: boolean;
  readonly seatKept_s: number;
  /** While the link to the relay is lost: when our own seat runs out. */
  readonly seatUntil_ms: number | null;
  readonly voice: VoiceState;
  readonly remote: MediaStream | null;
  readonly muted: boolean;
  readonly holding: boolean;
  readonly talkingSince_ms: number | null;
  readonly stats: Relay<"stats"> | null;
  readonly sentPast: readonly Moment[];
  readonly receivedPast: readonly Moment[];
  readonly page: PageDelay | null;
  readonly lines: readonly Line[];
  /** The user agreed that in text modes a description of the own voice leaves. */
  readonly sharesVoice: boolean;
  /** The last thing worth saying aloud. */
  readonly notice: string;
  readonly trouble: Trouble | null;
  readonly ended: Ended | null;
}

const NOT_IN_A_CALL = {
  me: null,
  other: null,
  link: null,
  online: false,
  seatKept_s: 0,
  seatUntil_ms: null,
  voice: "none",
  remote: null,
  holding: false,
  talkingSince_ms: null,
  stats: null,
  sentPast: [],
  receivedPast: [],
  page: null,
  lines: [],
  sharesVoice: false,
  notice: "",
  trouble: null,
  ended: null,
} as const satisfies Partial<CallSnapshot>;

export const fresh = (room: string, config: RelayConfig | null, phase: Phase): CallSnapshot => ({
  ...NOT_IN_A_CALL,
  phase,
  room,
  config,
  muted: false,
});

export const isSounding = (snapshot: CallSnapshot): boolean => !snapshot.muted || snapshot.holding;

export const namesOf = ({ other }: CallSnapshot, own: string): Names => ({ own, other: other?.name ?? "The other" });

/** Why nobody would read what is written now; null where somebody would. */
export function whyUnread({ online, other }: CallSnapshot): string | null {
  if (other === null) return "Nobody is here to read it yet";
  return online && other.present ? null : "The link is lost: it would not arrive";
}

export const modeOf = (config: RelayConfig | null, name: string | null | undefined) =>
  config?.modes.find((mode) => mode.name === name) ?? null;
