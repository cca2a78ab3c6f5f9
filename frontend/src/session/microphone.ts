/** The microphone of this page: which one, with or without the browser's clean-up, and what is wrong with it. */

import type { LocalCode } from "./errors";
import type { SettingsStore } from "./settings";
import { Store } from "./store";

export interface MicrophoneState {
  readonly state: "off" | "asking" | "live" | "failed";
  readonly stream: MediaStream | null;
  readonly fault: { readonly code: LocalCode; readonly said: string | null } | null;
  readonly microphones: readonly MediaDeviceInfo[];
  readonly speakers: readonly MediaDeviceInfo[];
  readonly deviceId: string | null;
}

const OFF: MicrophoneState = {
  state: "off",
  stream: null,
  fault: null,
  microphones: [],
  speakers: [],
  deviceId: null,
};

export class Microphone extends Store<MicrophoneState> {
  readonly #devices: MediaDevices | undefined;
  readonly #settings: SettingsStore;
  #asked = 0;

  /** `devices` is undefined on a page that came over plain HTTP. */
  constructor(devices: MediaDevices | undefined, settings: SettingsStore) {
    super(OFF);
    this.#devices = devices;
    this.#settings = settings;
  }

  /** Asks the browser, and the user where the browser wants that. Ends in `live` or `failed`. */
  async open(): Promise<void> {
    const devices = this.#devices;
    if (devices === undefined) {
      this.update({ state: "failed", fault: { code: "insecure-page", said: null } });
      return;
    }
    const turn = ++this.#asked;
    devices.ondevicechange = () => void this.#list();
    this.#stop();
    this.update({ state: "asking", stream: null, fault: null });
    try {
      const stream = await this.#ask(devices);
      if (turn === this.#asked) await this.#live(stream);
      else stream.getTracks().forEach((track) => track.stop());
    } catch (fault) {
      if (turn === this.#asked) this.update({ state: "failed", fault: explained(fault) });
    }
  }

  choose(deviceId: string): Promise<void> {
    this.#settings.update({ microphone: deviceId });
    return this.open();
  }

  setCleanUp(cleanUp: boolean): Promise<void> {
    this.#settings.update({ cleanUp });
    return this.open();
  }

  close(): void {
    this.#asked += 1;
    if (this.#devices) this.#devices.ondevicechange = null;
    this.#stop();
    this.set(OFF);
  }

  #ask(devices: MediaDevices): Promise<MediaStream> {
    const { cleanUp, microphone } = this.#settings.getSnapshot();
    return devices.getUserMedia({
      audio: {
        echoCancellation: cleanUp,
        noiseSuppression: cleanUp,
        autoGainControl: cleanUp,
        channelCount: 1,
        ...(microphone === null ? {} : { deviceId: { ideal: microphone } }),
      },
    });
  }

  async #live(stream: MediaStream): Promise<void> {
    const track = stream.getAudioTracks()[0];
    // pulled out in mid-call: the browser picks another one, if there is one
    if (track) track.onended = () => void this.open();
    const deviceId = track?.getSettings().deviceId ?? null;
    this.update({ state: "live", stream, deviceId });
    await this.#list();
  }

  async #list(): Promise<void> {
    const all = (await this.#devices?.enumerateDevices().catch(() => [])) ?? [];
    this.update({
      microphones: all.filter((device) => device.kind === "audioinput"),
      speakers: all.filter((device) => device.kind === "audiooutput"),
    });
    const { state, fault } = this.getSnapshot();
    const plugged = this.getSnapshot().microphones.length > 0;
    if (state === "failed" && fault?.code === "no-microphone" && plugged) await this.open();
  }

  #stop(): void {
    for (const track of this.getSnapshot().stream?.getTracks() ?? []) {
      track.onended = null;
      track.stop();
    }
  }
}

/** The names are those of getUserMedia (W3C mediacapture-main section 10.3.1). */
function explained(fault: unknown): { code: LocalCode; said: string } {
  const { name = "", message = String(fault) } = fault as Partial<Error>;
  const codes: Record<string, LocalCode> = {
    NotAllowedError: "microphone-refused",
    SecurityError: "microphone-refused",
    NotFoundError: "no-microphone",
    OverconstrainedError: "no-microphone",
  };
  return { code: codes[name] ?? "microphone-busy", said: message };
}
