/** What this browser remembers between calls. */

import { boolean, nullable, object, string } from "./check";
import { Store } from "./store";

const shape = object({
  name: string,
  cleanUp: boolean,
  microphone: nullable(string),
  speaker: nullable(string),
  keys: boolean,
});

export type Settings = ReturnType<typeof shape>;

const KEY = "sotto.settings";
const FRESH: Settings = { name: "", cleanUp: true, microphone: null, speaker: null, keys: true };

export class SettingsStore extends Store<Settings> {
  readonly #storage: Storage | null;

  constructor(storage: Storage | null) {
    super(read(storage));
    this.#storage = storage;
  }

  override set(value: Settings): void {
    super.set(value);
    try {
      this.#storage?.setItem(KEY, JSON.stringify(value));
    } catch {
      // a full or forbidden storage costs the memory, not the call
    }
  }
}

function read(storage: Storage | null): Settings {
  try {
    return shape({ ...FRESH, ...JSON.parse(storage?.getItem(KEY) ?? "{}") }, "settings");
  } catch {
    return FRESH;
  }
}

/** A browser may forbid storage altogether; reading the property then throws. */
export function storageOf(kind: "localStorage" | "sessionStorage"): Storage | null {
  try {
    return window[kind];
  } catch {
    return null;
  }
}
