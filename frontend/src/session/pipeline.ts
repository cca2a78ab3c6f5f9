/** Keeps a Voice alive: builds it, watches it, builds it anew when it fails. */

import { Backoff, type Clock } from "./clock";
import type { Encoder } from "./config";
import type { IceServer, PageMessage } from "./messages";
import { Voice, type PageDelay } from "./voice";

export type VoiceState = "none" | "connecting" | "connected" | "lost";

export interface PipelineDeps {
  readonly openPeer: (config: RTCConfiguration) => RTCPeerConnection;
  readonly clock: Clock;
  readonly send: (message: PageMessage) => boolean;
  readonly changed: (part: { voice?: VoiceState; remote?: MediaStream | null }) => void;
}

/** `disconnected` often heals by itself; after this it is given up. */
export const HEAL_MS = 4000;
/** An offer that leads nowhere for so long is made again. */
export const CONNECT_MS = 12_000;

export class Pipeline {
  readonly #deps: PipelineDeps;
  readonly #backoff = new Backoff();
  #voice: Voice | null = null;
  #track: MediaStreamTrack | null = null;
  #encoder: Encoder | null = null;
  #ice: readonly IceServer[] = [];
  #cancel = () => {};
  #reachable = false;

  constructor(deps: PipelineDeps) {
    this.#deps = deps;
  }

  /** The relay can be asked again; a voice that still stands is kept. */
  online(ice: readonly IceServer[]): void {
    this.#ice = ice;
    this.#reachable = true;
    if (this.#voice?.state !== "connected") this.#build();
  }

  offline(): void {
    this.#reachable = false;
    this.#cancel();
  }

  setTrack(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#voice?.replaceTrack(track);
  }

  setEncoder(encoder: Encoder | null): void {
    this.#encoder = encoder;
    if (encoder !== null) this.#voice?.setEncoder(encoder);
  }

  accept(answer: string): void {
    this.#voice?.accept(answer);
  }

  async delay(): Promise<PageDelay | null> {
    return (await this.#voice?.delay().catch(() => null)) ?? null;
  }

  /** The relay refused the offer, or the connection failed: again, a little later. */
  retry(): void {
    this.#deps.changed({ voice: "lost" });
    this.#later(this.#backoff.next());
  }

  close(): void {
    this.#cancel();
    this.#voice?.close();
    this.#voice = null;
    this.#reachable = false;
    this.#backoff.reset();
    this.#deps.changed({ voice: "none", remote: null });
  }

  #build(): void {
    this.#cancel();
    this.#voice?.close();
    const { openPeer, send, changed } = this.#deps;
    const peer = openPeer({ iceServers: this.#ice.map(rtcIceServer) });
    this.#voice = new Voice(peer, this.#track, this.#encoder, {
      offer: (sdp) => void send({ type: "offer", sdp }),
      candidate: (candidate) => void send(candidateMessage(candidate)),
      state: (state) => this.#watch(state),
      stream: (remote) => changed({ remote }),
      failed: (fault) => {
        console.warn("The voice connection could not be set up.", fault);
        this.retry();
      },
    });
    changed({ voice: "connecting" });
    this.#voice.start();
    this.#later(CONNECT_MS);
  }

  #watch(state: RTCPeerConnectionState): void {
    if (state === "connected") {
      this.#cancel();
      this.#backoff.reset();
      this.#deps.changed({ voice: "connected" });
    } else if (state === "disconnected") {
      this.#deps.changed({ voice: "lost" });
      this.#later(HEAL_MS);
    } else if (state === "failed") {
      this.retry();
    }
  }

  #later(ms: number): void {
    this.#cancel();
    if (!this.#reachable) return;
    this.#cancel = this.#deps.clock.after(ms, () => this.#build());
  }
}

function rtcIceServer({ urls, username, credential }: IceServer): RTCIceServer {
  return {
    urls: [...urls],
    ...(username === null ? {} : { username }),
    ...(credential === null ? {} : { credential }),
  };
}

function candidateMessage(candidate: RTCIceCandidate | null): PageMessage {
  return {
    type: "candidate",
    candidate: candidate?.candidate ?? "",
    sdp_mid: candidate?.sdpMid ?? null,
    sdp_mline_index: candidate?.sdpMLineIndex ?? null,
  };
}
