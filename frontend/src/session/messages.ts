/**
 * Every message between the page and its relay: the twin of sotto_signaling/messages.py.
 * Golden files in tests/fixtures/messages hold both to the same wire.
 */

import {
  boolean,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  ShapeError,
  string,
  type Of,
  type Shape,
} from "./check";
import { CODES, type Code } from "./errors";

const peerInfo = object({
  peer: string,
  name: string,
  mode: string,
  muted: boolean,
  present: boolean,
});

const iceServer = object({
  urls: list(string),
  username: nullable(string),
  credential: nullable(string),
});

const bits = object({
  payload_bps: number,
  header_bps: number,
  control_bps: number,
  redundancy_bps: number,
  cryptography_bps: number,
  packets_per_s: number,
  total_bytes: integer,
});

const reception = object({
  mode: nullable(string),
  delay_ms: nullable(number),
  jitter_ms: number,
  buffer_ms: number,
  loss: number,
  concealed: number,
});

const farLink = object({
  state: oneOf("setting up", "up", "silent", "down"),
  packing: nullable(string),
  cost: nullable(string),
});

/** A code that this page does not know yet is still an error that must be shown. */
const code = (value: unknown, where: string): Code =>
  CODES.find((known) => known === string(value, where)) ?? "internal";

export const FROM_PAGE = {
  "create-room": {},
  join: { room: string, name: string, token: nullable(string) },
  leave: {},
  offer: { sdp: string },
  candidate: { candidate: string, sdp_mid: nullable(string), sdp_mline_index: nullable(integer) },
  mute: { muted: boolean },
  "set-mode": { mode: string },
  "set-link": { link: string },
  write: { text: string },
  "share-voice": { shared: boolean },
  ping: { id: integer },
} as const satisfies Record<string, Shape>;

export const FROM_RELAY = {
  "room-created": { room: string },
  joined: {
    room: string,
    peer: string,
    token: string,
    resumed: boolean,
    mode: string,
    link: string,
    peers: list(peerInfo),
    ice_servers: list(iceServer),
    seat_kept_s: integer,
    ping_every_s: integer,
  },
  "peer-joined": { peer: peerInfo },
  "peer-dropped": { peer: string, seat_kept_s: integer },
  "peer-resumed": { peer: string },
  "peer-left": { peer: string, reason: oneOf("left", "timeout") },
  "peer-muted": { peer: string, muted: boolean },
  answer: { sdp: string },
  "mode-changed": { peer: string, mode: string },
  "link-changed": { link: string },
  stats: {
    sent: bits,
    received: bits,
    reception,
    far: nullable(farLink),
    behind_s: number,
    unspoken: string,
    state_bytes: integer,
  },
  caption: { own: boolean, number: integer, words: string, final: boolean, written: boolean },
  pong: { id: integer },
  error: { code, message: string, fatal: boolean },
} as const satisfies Record<string, Shape>;

type MessageOf<Table extends Record<string, Shape>> = {
  [K in keyof Table]: { readonly type: K } & Of<Table[K]>;
}[keyof Table];

export type PageMessage = MessageOf<typeof FROM_PAGE>;
export type RelayMessage = MessageOf<typeof FROM_RELAY>;
export type Relay<K extends RelayMessage["type"]> = Extract<RelayMessage, { type: K }>;
export type PeerInfo = ReturnType<typeof peerInfo>;
export type IceServer = ReturnType<typeof iceServer>;
export type Bits = ReturnType<typeof bits>;
export type Reception = ReturnType<typeof reception>;
export type Caption = Relay<"caption">;
export type FarLink = ReturnType<typeof farLink>;

/** Throws ShapeError with a sentence that names the fault. */
export const pageMessage = (data: unknown): PageMessage => parse(data, FROM_PAGE) as PageMessage;
export const relayMessage = (data: unknown): RelayMessage =>
  parse(data, FROM_RELAY) as RelayMessage;

function parse(data: unknown, known: Record<string, Shape>): { type: string } {
  const { type } = object({ type: string })(data, "message");
  const shape = Object.hasOwn(known, type) ? known[type] : undefined;
  if (shape === undefined) throw new ShapeError(`There is no message of type ${type}.`);
  return { type, ...object(shape)(data, type) };
}
