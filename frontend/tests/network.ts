/** A small network in memory: a clock that is told the time, a relay's end of sockets, peer connections, a microphone. */

import type { Browser } from "../src/session/browser";
import { relayConfig, type RelayConfig } from "../src/session/config";
import { pageMessage, type FarLink, type PageMessage, type Relay, type RelayMessage } from "../src/session/messages";
import { Microphone } from "../src/session/microphone";
import { SettingsStore } from "../src/session/settings";

export class VirtualClock {
  #now = 1_000_000;
  #timers: { at: number; action: () => void }[] = [];

  now = () => this.#now;

  after = (ms: number, action: () => void) => {
    const timer = { at: this.#now + ms, action };
    this.#timers.push(timer);
    return () => void (this.#timers = this.#timers.filter((other) => other !== timer));
  };

  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settled();
    for (;;) {
      const [next] = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.action();
      await settled();
    }
    this.#now = end;
  }
}

/** Lets every promise that can go on do so. */
export const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

/** The relay's end of one WebSocket. */
export class RelaySocket {
  readyState: number = WebSocket.CONNECTING;
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly got: PageMessage[] = [];

  open(): void {
    this.readyState = WebSocket.OPEN;
    this.onopen?.();
  }

  /** To the page. */
  tell(message: RelayMessage): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  tellText(data: string): void {
    this.onmessage?.({ data });
  }

  drop(): void {
    this.readyState = WebSocket.CLOSED;
    this.onclose?.();
  }

  // what the page calls
  send(text: string): void {
    this.got.push(pageMessage(JSON.parse(text)));
  }

  close(): void {
    this.readyState = WebSocket.CLOSED;
  }

  of<K extends PageMessage["type"]>(type: K) {
    return this.got.filter((message) => message.type === type) as Extract<PageMessage, { type: K }>[];
  }
}

export const ANSWER = [
  "v=0",
  "o=- 1 1 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 96 0",
  "a=mid:0",
  "a=rtpmap:96 opus/48000/2",
  "a=rtpmap:0 PCMU/8000",
  "a=ice-ufrag:f81d",
  "",
].join("\r\n");

/** A peer connection that keeps the rules of offer and answer (RFC 8829), and records them. */
export class MemoryPeer {
  connectionState: RTCPeerConnectionState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: { sdp: string } | null = null;
  onconnectionstatechange: (() => void) | null = null;
  ontrack: ((event: { streams: MediaStream[]; track: unknown }) => void) | null = null;
  onicecandidate: ((event: { candidate: unknown }) => void) | null = null;
  readonly remote: string[] = [];
  readonly tracks: unknown[] = [];
  readonly stats: Record<string, unknown>[] = [];
  #offers = 0;

  addTransceiver(track: unknown) {
    this.tracks.push(track);
    return {
      sender: {
        replaceTrack: (next: unknown) => {
          this.tracks.push(next);
          return Promise.resolve();
        },
      },
    };
  }

  createOffer() {
    this.#offers += 1;
    return Promise.resolve({ type: "offer", sdp: `offer ${this.#offers}` });
  }

  setLocalDescription(offer: { sdp: string }) {
    if (this.signalingState !== "stable") return Promise.reject(new Error("an offer is open already"));
    this.signalingState = "have-local-offer";
    this.localDescription = offer;
    return Promise.resolve();
  }

  setRemoteDescription({ sdp }: { sdp: string }) {
    if (this.signalingState !== "have-local-offer") return Promise.reject(new Error("no offer is open"));
    if (!sdp.startsWith("v=0")) return Promise.reject(new Error("that is no SDP"));
    this.signalingState = "stable";
    this.remote.push(sdp);
    return Promise.resolve();
  }

  getStats() {
    return Promise.resolve(new Map(this.stats.map((stat) => [stat.id, stat])));
  }

  becomes(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  close(): void {
    this.connectionState = "closed";
  }
}

export class MemoryTrack {
  enabled = true;
  stopped = false;
  onended: (() => void) | null = null;
  readonly deviceId: string;

  constructor(deviceId: string) {
    this.deviceId = deviceId;
  }

  stop = () => void (this.stopped = true);
  getSettings = () => ({ deviceId: this.deviceId });
}

export class MemoryDevices {
  ondevicechange: (() => void) | null = null;
  refuse: Error | null = null;
  inputs = ["built-in", "headset"];
  readonly asked: MediaTrackConstraints[] = [];
  readonly tracks: MemoryTrack[] = [];

  getUserMedia({ audio }: { audio: MediaTrackConstraints }) {
    this.asked.push(audio);
    if (this.refuse !== null) return Promise.reject(this.refuse);
    const wanted = (audio.deviceId as { ideal?: string } | undefined)?.ideal;
    const track = new MemoryTrack(wanted ?? this.inputs[0] ?? "none");
    this.tracks.push(track);
    return Promise.resolve(new MediaStream([track as unknown as MediaStreamTrack]));
  }

  enumerateDevices() {
    return Promise.resolve([
      ...this.inputs.map((deviceId) => ({ kind: "audioinput", deviceId, label: `The ${deviceId}` })),
      { kind: "audiooutput", deviceId: "default", label: "Loudspeaker" },
    ]);
  }
}

const mode = (name: string, bitrate_bps: number, frame_ms: number, reason: string | null = null) => ({
  name,
  title: name.toUpperCase(),
  words: `Words of ${name}.`,
  codec: "opus",
  payload_bps: bitrate_bps,
  wire_bps: bitrate_bps * 1.5,
  mb_per_hour: (bitrate_bps * 1.5 * 3600) / 8e6,
  delay_ms: frame_ms,
  available: reason === null,
  reason,
  captions: name.startsWith("text"),
  hears: name.startsWith("text") ? "an ear 2.1" : null,
  speaks: name.startsWith("text") ? "a mouth" : null,
  browser: { bitrate_bps, frame_ms, dtx: true, fec: frame_ms < 60 },
});

export const CONFIG: RelayConfig = relayConfig({
  modes: [
    mode("opus-24k", 24000, 20),
    mode("opus-6k", 6000, 60),
    mode("text", 60, 20),
    mode("thin", 500, 60, "Install it with pip install sotto-call[thin]."),
  ],
  links: [
    { name: "perfect", title: "Perfect", words: "Nothing is lost.", rate_bps: 0, delay_ms: 0, jitter_ms: 0, loss: 0 },
    { name: "hf", title: "Short wave", words: "Fading.", rate_bps: 2400, delay_ms: 120, jitter_ms: 60, loss: 0.05 },
  ],
  default_mode: "opus-24k",
  default_link: "perfect",
  header_words: "Headers are what UDP and IPv4 would add.",
});

export const GRACE = { peer: "p-2", name: "Grace", mode: "opus-24k", muted: false, present: true };

export const joined = (part: Partial<Relay<"joined">> = {}): Relay<"joined"> => ({
  type: "joined",
  room: "room-1",
  peer: "p-1",
  token: "secret",
  resumed: false,
  mode: "opus-24k",
  link: "perfect",
  peers: [],
  ice_servers: [],
  seat_kept_s: 60,
  ping_every_s: 5,
  ...part,
});

const bits = (payload_bps: number, total_bytes: number) => ({
  payload_bps,
  header_bps: 1600,
  control_bps: 50,
  redundancy_bps: 0,
  cryptography_bps: 0,
  packets_per_s: 5,
  total_bytes,
});

export const STATS: Relay<"stats"> = {
  type: "stats",
  sent: bits(700, 212_000),
  received: bits(24_000, 1_500_000),
  reception: { mode: "opus-6k", delay_ms: 120, jitter_ms: 8, buffer_ms: 60, loss: 0.012, concealed: 0.02 },
  far: null,
  behind_s: 0,
  unspoken: "",
  state_bytes: 0,
};

/** Of a call with somebody at another relay. */
export const farStats = (part: Partial<FarLink> = {}): Relay<"stats"> => ({
  ...STATS,
  sent: { ...STATS.sent, cryptography_bps: 120 },
  far: {
    state: "up",
    packing: "0.9 kbit/s, 0.9 s behind",
    cost: "11 kB so far, 0.4 MB per hour; the same call on Signal: 19 MB",
    ...part,
  },
});

/** A browser on this network. */
export class Net {
  readonly clock = new VirtualClock();
  readonly devices = new MemoryDevices();
  readonly sockets: RelaySocket[] = [];
  readonly peers: MemoryPeer[] = [];
  configFault: Error | null = null;
  readonly browser: Browser;

  constructor() {
    const settings = new SettingsStore(localStorage);
    settings.update({ name: "Ada" });
    this.browser = {
      url: "ws://relay/ws",
      openSocket: () => {
        const socket = new RelaySocket();
        this.sockets.push(socket);
        return socket as unknown as WebSocket;
      },
      openPeer: () => {
        const peer = new MemoryPeer();
        this.peers.push(peer);
        return peer as unknown as RTCPeerConnection;
      },
      clock: this.clock,
      loadConfig: () => (this.configFault ? Promise.reject(this.configFault) : Promise.resolve(CONFIG)),
      microphone: new Microphone(this.devices as unknown as MediaDevices, settings),
      settings,
      seats: sessionStorage,
    };
  }

  get socket(): RelaySocket {
    return last(this.sockets);
  }

  get peer(): MemoryPeer {
    return last(this.peers);
  }

  get track(): MemoryTrack {
    return last(this.devices.tracks);
  }
}

function last<T>(items: readonly T[]): T {
  const item = items.at(-1);
  if (item === undefined) throw new Error("nothing was opened yet");
  return item;
}
