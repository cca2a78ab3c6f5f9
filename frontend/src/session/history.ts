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

export const totalBps = (bits: Bits): number =>
  bits.payload_bps + bits.header_bps + bits.control_bps + bits.redundancy_bps;
