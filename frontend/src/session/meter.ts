/** How loud a stream is right now, from an AnalyserNode. */

/** dBFS that counts as talking, and how long a pause between words may be. */
const SPEAKING_DB = -45;
const PAUSE_MS = 350;
const FLOOR_DB = -60;

export interface Loudness {
  /** 0 (below -60 dBFS) to 1 (0 dBFS). */
  readonly level: number;
  readonly speaking: boolean;
}

export const SILENT: Loudness = { level: 0, speaking: false };

export class Meter {
  readonly #source: MediaStreamAudioSourceNode;
  readonly #analyser: AnalyserNode;
  readonly #samples: Float32Array<ArrayBuffer>;
  #spoke_ms = -Infinity;

  constructor(context: AudioContext, stream: MediaStream) {
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = context.createAnalyser();
    this.#analyser.fftSize = 1024;
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  read(now_ms: number): Loudness {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const decibels = rmsDb(this.#samples);
    if (decibels > SPEAKING_DB) this.#spoke_ms = now_ms;
    return {
      level: Math.min(1, Math.max(0, 1 - decibels / FLOOR_DB)),
      speaking: now_ms - this.#spoke_ms < PAUSE_MS,
    };
  }

  close(): void {
    this.#source.disconnect();
  }
}

export function rmsDb(samples: Float32Array): number {
  const power = samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length;
  return 10 * Math.log10(power + 1e-12);
}

let shared: AudioContext | null = null;

/** One AudioContext for the page. Browsers start it only after a gesture: the first one does. */
export function audioContext(): AudioContext | null {
  if (typeof AudioContext === "undefined") return null;
  if (shared !== null) return shared;
  const context = new AudioContext();
  shared = context;
  for (const gesture of ["pointerdown", "keydown"]) {
    window.addEventListener(gesture, () => void context.resume(), { once: true });
  }
  return context;
}
