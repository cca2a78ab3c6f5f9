/** What jsdom lacks and the page needs in order to be drawn: no behaviour under test is replaced here. */
import { cleanup } from "@testing-library/react";
import { afterEach } from "vitest";

Object.assign(globalThis, {
  IS_REACT_ACT_ENVIRONMENT: true,
  ResizeObserver: class {
    observe() {}
    disconnect() {}
  },
  Path2D: class {
    moveTo() {}
    lineTo() {}
    rect() {}
    closePath() {}
  },
  MediaStream: class {
    readonly #tracks: unknown[];
    constructor(tracks: unknown[] = []) {
      this.#tracks = tracks;
    }
    getTracks = () => this.#tracks;
    getAudioTracks = () => this.#tracks;
  },
});
window.matchMedia = (media) =>
  ({ media, matches: false, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList;
HTMLMediaElement.prototype.play = () => Promise.resolve();
// a pen that draws nothing: what the strip looks like is for real browsers to say
const pen: unknown = new Proxy(() => pen, { get: () => pen, set: () => true });
HTMLCanvasElement.prototype.getContext = () => pen as never;

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
});
