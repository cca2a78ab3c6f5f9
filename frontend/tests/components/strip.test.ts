import { expect, test } from "vitest";

import { stacked } from "../../src/components/BitStrip";
import { STATS } from "../network";

test("kinds are stacked on one another, the newest at zero seconds", () => {
  const data = stacked([
    { at_ms: 1000, bits: STATS.sent },
    { at_ms: 3500, bits: { ...STATS.sent, redundancy_bps: 300, cryptography_bps: 90 } },
  ]);
  expect(data).toEqual([
    [-2.5, 0],
    [2350, 2740], // all
    [2350, 2440], // voice, headers, cryptography, control
    [2300, 2390], // voice, headers, cryptography
    [2300, 2300], // voice, headers
    [700, 700], // voice
  ]);
});
