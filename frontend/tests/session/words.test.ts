import { describe, expect, test } from "vitest";

import { bannerOf, secondsLeft } from "../../src/session/banner";
import { delayOf } from "../../src/session/delay";
import { remembered, totalBps } from "../../src/session/history";
import { roomInText, roomOf } from "../../src/session/rooms";
import { fresh, type CallSnapshot } from "../../src/session/snapshot";
import * as words from "../../src/session/words";
import { GRACE, STATS } from "../network";

test.each([
  [words.bitrate, 700, "700 bit/s"],
  [words.bitrate, 999.6, "1.0 kbit/s"],
  [words.bitrate, 2399, "2.4 kbit/s"],
  [words.bitrate, 24000, "24 kbit/s"],
  [words.bitrate, 2e6, "2.0 Mbit/s"],
  [words.bytes, 999, "999 bytes"],
  [words.bytes, 212_000, "212 kB"],
  [words.bytes, 1_500_000, "1.5 MB"],
  [words.megabytesPerHour, 2400, "1.1 MB"],
  [words.milliseconds, 26.5, "27 ms"],
  [words.milliseconds, 1500, "1.5 s"],
  [words.percent, 0, "0 %"],
  [words.percent, 0.012, "1.2 %"],
  [words.percent, 0.5, "50 %"],
])("%o(%d) says %s", (say, value, said) => expect(say(value)).toBe(said));

test("what is not known is a dash", () => {
  for (const say of [words.bitrate, words.bytes, words.megabytes, words.milliseconds, words.percent]) {
    expect([say(null), say(undefined)]).toEqual(["–", "–"]);
  }
});

test.each([
  [0, "0 s"],
  [59_400, "59 s"],
  [60_000, "1 min"],
  [3_723_000, "1 h 2 min 3 s"],
])("%d ms lasted %s", (ms, said) => expect(words.duration(ms)).toBe(said));

test("delay is the sum of what is known, and says when it is not all", () => {
  expect(delayOf(STATS.reception, { half_rtt_ms: 5, buffer_ms: 40 }).words).toBe("about 165 ms");
  expect(delayOf(STATS.reception, { half_rtt_ms: 5, buffer_ms: null }).words).toBe("at least 125 ms");
  expect(delayOf({ ...STATS.reception, delay_ms: null }, { half_rtt_ms: 5, buffer_ms: 40 }).words).toBe("–");
  expect(delayOf(null, null).words).toBe("–");
});

test("history keeps a minute", () => {
  const once = remembered([], 0, STATS.sent);
  expect(remembered(once, 60_001, STATS.sent).map((moment) => moment.at_ms)).toEqual([60_001]);
  expect(totalBps(STATS.sent)).toBe(700 + 1600 + 50);
});

describe("links", () => {
  test.each([
    ["https://call.example.org/r/aB3_-x", "aB3_-x"],
    ["http://localhost:8080/r/aB3/?x=1#y", "aB3"],
    ["  /r/aB3 ", "aB3"],
    ["aB3", "aB3"],
    ["", null],
    ["https://example.org/", null],
    ["https://", null],
    ["two words", null],
    ["/r/../../etc", null],
  ])("%j leads to %j", (text, room) => expect(roomInText(text)).toBe(room));

  test("only /r/ and one word is a room", () => {
    expect(roomOf("/r/a")).toBe("a");
    expect([roomOf("/"), roomOf("/r/"), roomOf("/r/a/b"), roomOf("/x/a")]).toEqual([null, null, null, null]);
  });
});

describe("banner", () => {
  const call: CallSnapshot = {
    ...fresh("r", null, "call"),
    online: true,
    voice: "connected",
    seatKept_s: 60,
    other: { ...GRACE, seatUntil_ms: null },
  };

  test.each<[string, Partial<CallSnapshot>, string | null]>([
    ["all is well", {}, null],
    ["link lost", { online: false, seatUntil_ms: 9 }, "Link lost. Reconnecting; your seat is kept for 60 s."],
    ["voice lost", { voice: "lost" }, "Your voice does not reach the relay. Connecting it again."],
    ["voice to come", { voice: "connecting" }, "Connecting your voice to the relay."],
    ["alone", { other: null }, "Nobody else is here yet. Send them the link."],
  ])("%s", (_name, part, said) => expect(bannerOf({ ...call, ...part })?.words ?? null).toBe(said));

  test("the other's link is lost", () => {
    const banner = bannerOf({ ...call, other: { ...GRACE, present: false, seatUntil_ms: 5000 } });
    expect(banner).toMatchObject({ tone: "lost", until_ms: 5000 });
    expect(banner?.words).toContain("The link of Grace is lost.");
  });

  test("seconds left never go below none", () => {
    expect([secondsLeft(1500, 0), secondsLeft(1000, 2000)]).toEqual([2, 0]);
  });
});
