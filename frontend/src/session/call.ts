/** A call from the green room to its end: signaling, voice and microphone put together. */

import { every, type Clock } from "./clock";
import type { RelayConfig } from "./config";
import { EXPLAIN, type Code, type LocalCode } from "./errors";
import { received } from "./incoming";
import type { PageMessage, Relay, RelayMessage } from "./messages";
import type { Microphone } from "./microphone";
import { Pipeline } from "./pipeline";
import { SeatKeeper } from "./seat";
import type { SettingsStore } from "./settings";
import { fresh, isSounding, modeOf, type CallSnapshot, type Ended } from "./snapshot";
import { SignalingSocket, type SocketDeps } from "./socket";
import { Store } from "./store";

export interface CallDeps extends SocketDeps {
  readonly clock: Clock;
  readonly openPeer: (config: RTCConfiguration) => RTCPeerConnection;
  readonly loadConfig: () => Promise<RelayConfig>;
  readonly microphone: Microphone;
  readonly settings: SettingsStore;
  readonly seats: Storage | null;
}

/** A first join that finds no relay for so long gives up. */
export const GIVE_UP_MS = 10_000;
/** The relay closes the socket after these, and a new one mends it. */
const PASSING = new Set<Code>(["silent-socket", "shutting-down", "internal"]);
/** The voice is set up again after these. */
const VOICE_AGAIN = new Set<Code>(["bad-sdp", "unexpected-answer", "internal"]);
const FINAL = new Set<Code>(["room-unknown", "room-full", "seat-taken-over", "media-unavailable"]);

export class CallSession extends Store<CallSnapshot> {
  readonly #deps: CallDeps;
  readonly #socket: SignalingSocket;
  readonly #pipeline: Pipeline;
  readonly #seats: SeatKeeper;
  #tidy: (() => void)[] = [];
  #turn = 0;
  #cancelDeadline = () => {};
  /** As the relay heard it last. */
  #toldMuted: boolean | null = null;

  constructor(room: string, deps: CallDeps) {
    super(fresh(room, null, "preparing"));
    this.#deps = deps;
    this.#seats = new SeatKeeper(deps.seats, room);
    this.#socket = new SignalingSocket(deps, {
      opened: () => this.#opened(),
      received: (message) => this.#received(message),
      lost: () => this.#lost(),
    });
    this.#pipeline = new Pipeline({
      openPeer: deps.openPeer,
      clock: deps.clock,
      send: (message) => this.#socket.send(message),
      changed: (part) => this.update(part),
    });
  }

  /** To the green room, or straight back into the call if this tab has a seat there. */
  async prepare(): Promise<void> {
    this.#stop();
    this.set(fresh(this.getSnapshot().room, null, "preparing"));
    const { microphone, loadConfig } = this.#deps;
    const turn = this.#turn;
    this.#tidy.push(microphone.subscribe(() => this.#voiceIn()));
    void microphone.open();
    try {
      const config = await loadConfig();
      if (turn !== this.#turn) return;
      this.update({ config, phase: "green-room" });
    } catch (fault) {
      if (turn === this.#turn) this.#fail("server-gone", String(fault));
      return;
    }
    if (this.#seats.read() !== null) this.join();
  }

  /** Takes a seat; the name is in the settings. */
  join(): void {
    const { room, config, muted } = this.getSnapshot();
    this.set({ ...fresh(room, config, "joining"), muted });
    this.#deadline(GIVE_UP_MS, "server-gone");
    this.#voiceIn();
    this.#socket.connect();
  }

  leave(): void {
    this.#socket.send({ type: "leave" });
    this.#end("me");
  }

  /** The page goes away for good: the other must not wait for our seat to run out. */
  vanish(): void {
    if (this.getSnapshot().me !== null && this.#socket.send({ type: "leave" })) this.#seats.forget();
  }

  setMuted(muted: boolean): void {
    this.#talk({ muted });
  }

  /** While muted, talk for as long as this is held. */
  hold(holding: boolean): void {
    if (this.getSnapshot().muted || !holding) this.#talk({ holding });
  }

  setMode(mode: string): void {
    this.#socket.send({ type: "set-mode", mode });
  }

  setLink(link: string): void {
    this.#socket.send({ type: "set-link", link });
  }

  /** A line for the other. False: it did not leave. */
  write(text: string): boolean {
    return this.#socket.send({ type: "write", text });
  }

  /** Agrees that in text modes a description of the own voice leaves, or takes that back. */
  shareVoice(sharesVoice: boolean): void {
    this.update({ sharesVoice });
    const seat = this.#seats.read();
    if (seat) this.#seats.keep({ ...seat, sharesVoice });
    this.#send({ type: "share-voice", shared: sharesVoice });
  }

  /** The network says that it is back. */
  hurry(): void {
    const { phase, online } = this.getSnapshot();
    if (phase === "call" && !online) this.#socket.hurry();
  }

  /** Lets go of socket, voice and microphone. */
  close(): void {
    this.#stop();
    this.#deps.microphone.close();
  }

  #opened(): void {
    const name = this.#deps.settings.getSnapshot().name;
    const token = this.#seats.read()?.token ?? null;
    this.#send({ type: "join", room: this.getSnapshot().room, name, token });
  }

  #received(message: RelayMessage): void {
    if (message.type === "joined") this.#joined(message);
    else if (message.type === "answer") this.#pipeline.accept(message.sdp);
    else if (message.type === "error") this.#erred(message);
    else if (this.getSnapshot().me !== null) this.#changed(message);
  }

  #joined(message: Relay<"joined">): void {
    const again = this.getSnapshot().phase === "call";
    // a new seat has a new pipeline behind it
    if (!message.resumed) this.#pipeline.close();
    this.#cancelDeadline();
    this.#socket.settle(message.ping_every_s);
    this.update({ phase: "call" });
    this.#changed(message);
    if (!again) this.#tidy.push(every(this.#deps.clock, 1000, () => void this.#look()));
    this.#toldMuted = null;
    this.#tellMuted();
    const { sharesVoice } = this.getSnapshot();
    // a new seat starts without; an old one may not have heard the last word
    if (message.resumed || sharesVoice) this.#send({ type: "share-voice", shared: sharesVoice });
    this.#pipeline.online(message.ice_servers);
  }

  #changed(message: RelayMessage): void {
    const before = this.getSnapshot();
    const after = received(before, message, this.#deps.clock.now(), this.#seats.read());
    this.set(after);
    if (after.me?.mode !== before.me?.mode) {
      this.#pipeline.setEncoder(modeOf(after.config, after.me?.mode)?.browser ?? null);
    }
    if (message.type === "joined") {
      const { talkingSince_ms, sharesVoice } = after;
      this.#seats.keep({ token: message.token, talkingSince_ms, sharesVoice });
    } else if (after.talkingSince_ms !== before.talkingSince_ms) {
      const seat = this.#seats.read();
      if (seat) this.#seats.keep({ ...seat, talkingSince_ms: after.talkingSince_ms });
    }
    if (message.type === "peer-left") this.#end(message.reason === "left" ? "other" : "timeout");
  }

  #erred({ code, message, fatal }: Relay<"error">): void {
    const { phase, me } = this.getSnapshot();
    if (code === "room-unknown" && me !== null) {
      this.#fail("seat-gone", message);
      return;
    }
    if (fatal && PASSING.has(code)) return;
    if (phase === "joining" || fatal || FINAL.has(code)) {
      this.#fail(code, message);
      return;
    }
    if (VOICE_AGAIN.has(code)) this.#pipeline.retry();
    this.update({ notice: `${EXPLAIN[code].title}. ${message}` });
  }

  #lost(): void {
    const { phase, online, seatKept_s } = this.getSnapshot();
    if (phase !== "call" || !online) return;
    this.#pipeline.offline();
    const kept_ms = seatKept_s * 1000;
    this.update({ online: false, seatUntil_ms: this.#deps.clock.now() + kept_ms });
    this.#deadline(kept_ms, "seat-gone");
  }

  #fail(code: Code | LocalCode, said: string | null): void {
    // another tab has the seat now: its token stays good for taking it back
    if (code !== "seat-taken-over") this.#seats.forget();
    this.close();
    this.update({ phase: "trouble", trouble: { code, said } });
  }

  #end(by: Ended["by"]): void {
    const { talkingSince_ms, other, stats } = this.getSnapshot();
    const ended: Ended = {
      by,
      otherName: other?.name ?? null,
      talked_ms: talkingSince_ms === null ? null : this.#deps.clock.now() - talkingSince_ms,
      sentBytes: stats?.sent.total_bytes ?? null,
      receivedBytes: stats?.received.total_bytes ?? null,
    };
    if (by !== "me") this.#socket.send({ type: "leave" });
    this.#seats.forget();
    this.close();
    this.update({ phase: "ended", ended });
  }

  #stop(): void {
    this.#turn += 1;
    this.#cancelDeadline();
    this.#tidy.forEach((undo) => undo());
    this.#tidy = [];
    this.#socket.close();
    this.#pipeline.close();
  }

  #deadline(ms: number, code: LocalCode): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#deps.clock.after(ms, () => this.#fail(code, null));
  }

  #talk(part: { muted?: boolean; holding?: boolean }): void {
    this.update(part.muted === undefined ? part : { ...part, holding: false });
    this.#voiceIn();
  }

  #voiceIn(): void {
    const track = this.#deps.microphone.getSnapshot().stream?.getAudioTracks()[0] ?? null;
    if (track) track.enabled = isSounding(this.getSnapshot());
    this.#pipeline.setTrack(track);
    if (this.getSnapshot().phase === "call") this.#tellMuted();
  }

  /** Where that has changed, also by a microphone that comes later than the seat. */
  #tellMuted(): void {
    const muted = !this.#sounding();
    if (muted === this.#toldMuted) return;
    this.#toldMuted = muted;
    this.#send({ type: "mute", muted });
  }

  #sounding(): boolean {
    return this.#deps.microphone.getSnapshot().stream !== null && isSounding(this.getSnapshot());
  }

  async #look(): Promise<void> {
    const page = await this.#pipeline.delay();
    if (this.getSnapshot().phase === "call") this.update({ page });
  }

  #send(message: PageMessage): void {
    this.#socket.send(message);
  }
}
