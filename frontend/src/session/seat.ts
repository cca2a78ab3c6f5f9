/** The seat in a room, kept in the tab so that a reload takes it again. */

import { boolean, number, nullable, object, string } from "./check";

const shape = object({ token: string, talkingSince_ms: nullable(number), sharesVoice: boolean });

export type Seat = ReturnType<typeof shape>;

export class SeatKeeper {
  readonly #storage: Storage | null;
  readonly #key: string;

  constructor(storage: Storage | null, room: string) {
    this.#storage = storage;
    this.#key = `sotto.seat.${room}`;
  }

  read(): Seat | null {
    try {
      return shape(JSON.parse(this.#storage?.getItem(this.#key) ?? "null"), "seat");
    } catch {
      return null;
    }
  }

  keep(seat: Seat): void {
    try {
      this.#storage?.setItem(this.#key, JSON.stringify(seat));
    } catch {
      // without storage a reload costs the seat, the call goes on
    }
  }

  forget(): void {
    this.#storage?.removeItem(this.#key);
  }
}
