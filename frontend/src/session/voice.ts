/** The peer connection to this page's pipeline in the relay: one offer, one answer, then local changes only. */

import type { Encoder } from "./config";
import { withEncoder } from "./sdp";

export interface VoiceEvents {
  offer(sdp: string): void;
  candidate(candidate: RTCIceCandidate | null): void;
  state(state: RTCPeerConnectionState): void;
  stream(stream: MediaStream): void;
  failed(fault: unknown): void;
}

/** The page's own share of the delay; null where the browser does not tell. */
export interface PageDelay {
  readonly half_rtt_ms: number | null;
  readonly buffer_ms: number | null;
}

export class Voice {
  readonly #peer: RTCPeerConnection;
  readonly #events: VoiceEvents;
  readonly #transceiver: RTCRtpTransceiver;
  #queue: Promise<void> = Promise.resolve();
  #encoder: Encoder | null;
  #answer: string | null = null;
  /** Candidates must not overtake the offer that they belong to. */
  #early: (RTCIceCandidate | null)[] | null = [];
  #closed = false;
  #played = { delay_s: 0, count: 0 };

  constructor(
    peer: RTCPeerConnection,
    track: MediaStreamTrack | null,
    encoder: Encoder | null,
    events: VoiceEvents,
  ) {
    this.#peer = peer;
    this.#events = events;
    this.#encoder = encoder;
    peer.onconnectionstatechange = () => events.state(peer.connectionState);
    peer.ontrack = ({ streams, track: remote }) =>
      events.stream(streams[0] ?? new MediaStream([remote]));
    peer.onicecandidate = ({ candidate }) => this.#candidate(candidate);
    this.#transceiver = peer.addTransceiver(track ?? "audio", { direction: "sendrecv" });
  }

  get state(): RTCPeerConnectionState {
    return this.#peer.connectionState;
  }

  start(): void {
    this.#do(async () => {
      await this.#peer.setLocalDescription(await this.#peer.createOffer());
      this.#events.offer(this.#peer.localDescription?.sdp ?? "");
      const early = this.#early ?? [];
      this.#early = null;
      for (const candidate of early) this.#events.candidate(candidate);
    });
  }

  accept(answer: string): void {
    this.#do(async () => {
      if (this.#peer.signalingState !== "have-local-offer") return;
      this.#answer = answer;
      await this.#applyAnswer();
    });
  }

  /** Sets the browser's own encoder. ICE and DTLS stay as they are; the relay is not asked. */
  setEncoder(encoder: Encoder): void {
    this.#encoder = encoder;
    this.#do(async () => {
      if (this.#answer === null || this.#encoder !== encoder) return;
      await this.#peer.setLocalDescription(await this.#peer.createOffer());
      await this.#applyAnswer();
    });
  }

  replaceTrack(track: MediaStreamTrack | null): void {
    this.#do(() => this.#transceiver.sender.replaceTrack(track));
  }

  close(): void {
    this.#closed = true;
    this.#peer.onconnectionstatechange = this.#peer.ontrack = this.#peer.onicecandidate = null;
    this.#peer.close();
  }

  async delay(): Promise<PageDelay> {
    const report = await this.#peer.getStats();
    const all = [...report.values()] as Stat[];
    const transport = all.find((stat) => stat.type === "transport");
    const pair =
      all.find((stat) => stat.id === transport?.selectedCandidatePairId) ??
      all.find((stat) => stat.type === "candidate-pair" && stat.nominated === true);
    const rtt_s = pair?.currentRoundTripTime;
    const inbound = all.find((stat) => stat.type === "inbound-rtp" && stat.kind === "audio");
    return {
      half_rtt_ms: rtt_s === undefined ? null : (rtt_s * 1000) / 2,
      buffer_ms: inbound === undefined ? null : this.#bufferMs(inbound),
    };
  }

  /** Mean time in the browser's jitter buffer since the last look (W3C webrtc-stats, jitterBufferDelay). */
  #bufferMs(inbound: Stat): number | null {
    const now = {
      delay_s: inbound.jitterBufferDelay ?? 0,
      count: inbound.jitterBufferEmittedCount ?? 0,
    };
    const { delay_s, count } = this.#played;
    this.#played = now;
    return now.count > count ? ((now.delay_s - delay_s) / (now.count - count)) * 1000 : null;
  }

  async #applyAnswer(): Promise<void> {
    const answer = this.#answer ?? "";
    const sdp = this.#encoder === null ? answer : withEncoder(answer, this.#encoder);
    await this.#peer.setRemoteDescription({ type: "answer", sdp });
  }

  #candidate(candidate: RTCIceCandidate | null): void {
    if (this.#early === null) this.#events.candidate(candidate);
    else this.#early.push(candidate);
  }

  /** One step after the other: offers and answers of different steps must not mix. */
  #do(step: () => Promise<void>): void {
    this.#queue = this.#queue
      .then(() => (this.#closed ? undefined : step()))
      .catch((fault: unknown) => {
        if (!this.#closed) this.#events.failed(fault);
      });
  }
}

/** The members read here, of the several dictionaries in an RTCStatsReport. */
interface Stat {
  readonly id: string;
  readonly type: string;
  readonly kind?: string;
  readonly nominated?: boolean;
  readonly selectedCandidatePairId?: string;
  readonly currentRoundTripTime?: number;
  readonly jitterBufferDelay?: number;
  readonly jitterBufferEmittedCount?: number;
}
