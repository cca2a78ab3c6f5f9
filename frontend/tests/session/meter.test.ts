import { expect, test } from "vitest";

import { Meter, rmsDb } from "../../src/session/meter";

test("a full sine is -3 dBFS, silence is far below any voice", () => {
  const sine = Float32Array.from({ length: 4800 }, (_, index) => Math.sin((index * 2 * Math.PI) / 48));
  expect(rmsDb(sine)).toBeCloseTo(-3.01, 1);
  expect(rmsDb(new Float32Array(480))).toBeLessThan(-100);
});

test("speaking lasts through the pause between two words, and no longer", () => {
  let amplitude = 0.1;
  const node = {
    fftSize: 0,
    connect() {},
    disconnect() {},
    getFloatTimeDomainData: (samples: Float32Array) => samples.fill(amplitude),
  };
  const context = { createMediaStreamSource: () => node, createAnalyser: () => node };
  const meter = new Meter(context as unknown as AudioContext, new MediaStream());
  expect(meter.read(0)).toMatchObject({ speaking: true });
  expect(meter.read(0).level).toBeCloseTo(1 - 20 / 60);
  amplitude = 0;
  expect(meter.read(300)).toEqual({ speaking: true, level: 0 });
  expect(meter.read(400).speaking).toBe(false);
});
