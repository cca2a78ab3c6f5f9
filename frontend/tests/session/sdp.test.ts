import { expect, test } from "vitest";

import { withEncoder } from "../../src/session/sdp";
import { ANSWER } from "../network";

const ENCODER = { bitrate_bps: 6000, frame_ms: 60, dtx: true, fec: false };
const fmtp = (sdp: string) => /^a=fmtp:96 (.*)$/m.exec(sdp)?.[1]?.trim().split(";");

test("an answer without parameters gets those of the encoder", () => {
  const sdp = withEncoder(ANSWER, ENCODER);
  expect(fmtp(sdp)).toEqual(
    expect.arrayContaining(["maxaveragebitrate=6000", "usedtx=1", "useinbandfec=0", "stereo=0"]),
  );
  expect(sdp).toContain("a=ptime:60\r\na=maxptime:60\r\n");
});

test("the last encoder wins, however often the answer is rewritten", () => {
  const once = withEncoder(ANSWER, { bitrate_bps: 24000, frame_ms: 20, dtx: true, fec: true });
  expect(withEncoder(once, ENCODER)).toBe(withEncoder(ANSWER, ENCODER));
});

test("parameters that are not the encoder's stay", () => {
  const answer = ANSWER.replace("a=ice", "a=fmtp:96 maxplaybackrate=16000;stereo=1;cbr\r\na=ice");
  const said = fmtp(withEncoder(answer, ENCODER));
  expect(said).toEqual(expect.arrayContaining(["maxplaybackrate=16000", "cbr", "stereo=0"]));
  expect(said).not.toContain("stereo=1");
});

test("everything else is untouched, line by line", () => {
  const left = (sdp: string) => sdp.split("\r\n").filter((line) => !/^a=(fmtp|ptime|maxptime)/.test(line));
  expect(left(withEncoder(ANSWER, ENCODER))).toEqual(ANSWER.split("\r\n"));
});

test("a section of another kind, or without Opus, is left alone", () => {
  const other = ANSWER.replace("m=audio", "m=application");
  expect(withEncoder(other, ENCODER)).toBe(other);
  const noOpus = ANSWER.replace("opus/48000/2", "G722/8000");
  expect(withEncoder(noOpus, ENCODER)).toBe(noOpus);
});
