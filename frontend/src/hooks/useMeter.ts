import { useEffect, useState } from "react";

import { audioContext, Meter, SILENT, type Loudness } from "../session/meter";

const EVERY_MS = 66;

/** How loud a stream is, about fifteen times a second. */
export function useMeter(stream: MediaStream | null): Loudness {
  const [loudness, setLoudness] = useState(SILENT);

  useEffect(() => {
    const context = audioContext();
    if (context === null || stream === null || stream.getAudioTracks().length === 0) return;
    const meter = new Meter(context, stream);
    const timer = setInterval(() => {
      const now = meter.read(performance.now());
      setLoudness((before) => (same(before, now) ? before : now));
    }, EVERY_MS);
    return () => {
      clearInterval(timer);
      meter.close();
      setLoudness(SILENT);
    };
  }, [stream]);

  return loudness;
}

const same = (a: Loudness, b: Loudness): boolean =>
  a.speaking === b.speaking && Math.abs(a.level - b.level) < 0.01;
