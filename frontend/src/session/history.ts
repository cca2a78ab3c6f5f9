/** The last minute of bits, for the strip. */

import type { Bits } from "./messages";

export interface Moment {
  readonly at_ms: number;
  readonly bits: Bits;
}

export const SPAN_MS = 60_000;

export function remembered(past: readonly Moment[], at_ms: number, bits: Bits): readonly Moment[] {
  return [...past.filter((moment) => moment.at_ms > at_ms - SPAN_MS), { at_ms, bits }];
}

/** The kinds of bits, from the voice upwards. */
export const KINDS = [
  { kind: "payload", title: "Voice", bpsOf: (bits: Bits) => bits.payload_bps },
  { kind: "header", title: "Headers", bpsOf: (bits: Bits) => bits.header_bps },
  { kind: "cryptography", title: "Cryptography", bpsOf: (bits: Bits) => bits.cryptography_bps },
  { kind: "control", title: "Control", bpsOf: (bits: Bits) => bits.control_bps },
  { kind: "redundancy", title: "Redundancy", bpsOf: (bits: Bits) => bits.redundancy_bps },
] as const;

export const totalBps = (bits: Bits): number => KINDS.reduce((sum, { bpsOf }) => sum + bpsOf(bits), 0);
