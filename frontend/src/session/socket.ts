/** The WebSocket to the relay: one that comes back by itself and notices when nobody is there. */

import { Backoff, every, type Clock } from "./clock";
import { relayMessage, type PageMessage, type RelayMessage } from "./messages";

export interface SocketDeps {
  readonly url: string;
  readonly openSocket: (url: string) => WebSocket;
  readonly clock: Clock;
}

export interface SocketEvents {
  opened(): void;
  received(message: RelayMessage): void;
  /** The socket is gone; another try follows by itself until close(). */
  lost(): void;
}

/** No pong for so long: nobody is there. Also how long a socket may take to open. */
export const DEAD_AFTER_MS = 5000;

export class SignalingSocket {
  readonly #deps: SocketDeps;
  readonly #events: SocketEvents;
  readonly #backoff = new Backoff();
  #socket: WebSocket | null = null;
  #cancelRetry = () => {};
  #death: (() => void) | null = null;
  #cancelPings = () => {};
  #pings = 0;

  constructor(deps: SocketDeps, events: SocketEvents) {
    this.#deps = deps;
    this.#events = events;
  }

  connect(): void {
    this.#drop();
    const socket = this.#deps.openSocket(this.#deps.url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#alive();
      this.#events.opened();
    };
    socket.onmessage = (event) => this.#received(event.data);
    socket.onclose = () => this.#lost();
    this.#expectLife();
  }

  /** False when there is no open socket; nothing is queued, a new socket starts with `join`. */
  send(message: PageMessage): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** The seat is ours: heartbeats start, and the next loss is retried at once. */
  settle(pingEveryS: number): void {
    this.#backoff.reset();
    this.#cancelPings();
    this.#cancelPings = every(this.#deps.clock, pingEveryS * 1000, () => this.#ping());
  }

  /** The network says that it is back: no need to wait for the next try. */
  hurry(): void {
    if (this.#socket === null) this.connect();
  }

  /** For good, until connect(). */
  close(): void {
    this.#drop();
  }

  #ping(): void {
    this.#pings += 1;
    if (this.send({ type: "ping", id: this.#pings })) this.#expectLife();
  }

  /** The first unanswered ping counts: a later one must not put off the verdict. */
  #expectLife(): void {
    this.#death ??= this.#deps.clock.after(DEAD_AFTER_MS, () => this.#lost());
  }

  #alive(): void {
    this.#death?.();
    this.#death = null;
  }

  #received(text: unknown): void {
    let message: RelayMessage;
    try {
      message = relayMessage(JSON.parse(String(text)));
    } catch (fault) {
      console.warn("A message of the relay was not understood.", fault);
      return;
    }
    if (message.type === "pong") this.#alive();
    this.#events.received(message);
  }

  #lost(): void {
    this.#drop();
    this.#cancelRetry = this.#deps.clock.after(this.#backoff.next(), () => this.connect());
    this.#events.lost();
  }

  /** Lets go of the socket without waiting for its close event: on a dead network that takes minutes. */
  #drop(): void {
    this.#cancelRetry();
    this.#alive();
    this.#cancelPings();
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
