/** What this relay offers: GET /api/config. */

import { boolean, list, nullable, number, object, string } from "./check";

const mode = object({
  name: string,
  title: string,
  words: string,
  codec: string,
  payload_bps: nullable(number),
  wire_bps: nullable(number),
  mb_per_hour: nullable(number),
  delay_ms: nullable(number),
  available: boolean,
  reason: nullable(string),
  captions: boolean,
  hears: nullable(string),
  speaks: nullable(string),
  browser: object({ bitrate_bps: number, frame_ms: number, dtx: boolean, fec: boolean }),
});

const link = object({
  name: string,
  title: string,
  words: string,
  rate_bps: nullable(number),
  delay_ms: nullable(number),
  jitter_ms: nullable(number),
  loss: nullable(number),
});

const config = object({
  modes: list(mode),
  links: list(link),
  default_mode: string,
  default_link: string,
  header_words: string,
});

export type Mode = ReturnType<typeof mode>;
export type Link = ReturnType<typeof link>;
export type RelayConfig = ReturnType<typeof config>;
export type Encoder = Mode["browser"];

/** Throws ShapeError. */
export const relayConfig = (data: unknown): RelayConfig => config(data, "config");

/** Throws when the relay does not answer, or answers something else. */
export async function fetchConfig(fetcher: typeof fetch = fetch): Promise<RelayConfig> {
  const response = await fetcher("/api/config", { signal: AbortSignal.timeout(10_000) });
  if (!response.ok) throw new Error(`The relay answered ${response.status}.`);
  return relayConfig(await response.json());
}
