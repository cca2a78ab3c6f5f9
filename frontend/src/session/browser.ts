/** All that this page takes from the browser, in one place. */

import type { CallDeps } from "./call";
import { realClock } from "./clock";
import { fetchConfig } from "./config";
import { Microphone } from "./microphone";
import { SettingsStore, storageOf } from "./settings";

export type Browser = CallDeps;

export function thisBrowser(): Browser {
  const settings = new SettingsStore(storageOf("localStorage"));
  return {
    url: `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`,
    openSocket: (url) => new WebSocket(url),
    openPeer: (config) => new RTCPeerConnection(config),
    clock: realClock,
    loadConfig: fetchConfig,
    // undefined over plain HTTP, whatever TypeScript believes
    microphone: new Microphone(navigator.mediaDevices, settings),
    settings,
    seats: storageOf("sessionStorage"),
  };
}

export const canCall = (): boolean =>
  typeof WebSocket !== "undefined" && typeof RTCPeerConnection !== "undefined";
