import { beforeEach, expect, test } from "vitest";

import { EXPLAIN } from "../../src/session/errors";
import { Microphone } from "../../src/session/microphone";
import { SettingsStore } from "../../src/session/settings";
import { MemoryDevices, settled } from "../network";

let devices: MemoryDevices;
let settings: SettingsStore;
let microphone: Microphone;

beforeEach(() => {
  devices = new MemoryDevices();
  settings = new SettingsStore(localStorage);
  microphone = new Microphone(devices as unknown as MediaDevices, settings);
});

test("opening lists what there is and says which one it is", async () => {
  await microphone.open();
  const { state, deviceId, microphones, speakers } = microphone.getSnapshot();
  expect({ state, deviceId }).toEqual({ state: "live", deviceId: "built-in" });
  expect([microphones.length, speakers.length]).toEqual([2, 1]);
});

test("clean-up is on until it is switched off, and remembered", async () => {
  await microphone.open();
  await microphone.setCleanUp(false);
  const cleaned = devices.asked.map(({ echoCancellation, noiseSuppression, autoGainControl }) => [
    echoCancellation,
    noiseSuppression,
    autoGainControl,
  ]);
  expect(cleaned).toEqual([
    [true, true, true],
    [false, false, false],
  ]);
  expect(new SettingsStore(localStorage).getSnapshot().cleanUp).toBe(false);
});

test("a choice lets go of the microphone before", async () => {
  await microphone.open();
  await microphone.choose("headset");
  expect(devices.tracks.map((track) => track.stopped)).toEqual([true, false]);
  expect(microphone.getSnapshot().deviceId).toBe("headset");
});

test.each([
  ["NotAllowedError", "microphone-refused"],
  ["NotFoundError", "no-microphone"],
  ["NotReadableError", "microphone-busy"],
] as const)("%s is %s", async (name, code) => {
  devices.refuse = new DOMException("as the browser says", name);
  await microphone.open();
  expect(microphone.getSnapshot().fault).toEqual({ code, said: "as the browser says" });
  expect(EXPLAIN[code].ways).toContain("listen");
});

test("a page on plain HTTP has no media devices at all", async () => {
  const none = new Microphone(undefined, settings);
  await none.open();
  expect(none.getSnapshot().fault?.code).toBe("insecure-page");
});

test("one that is pulled out is replaced by what is left", async () => {
  await microphone.open();
  devices.inputs = ["headset"];
  devices.tracks[0]?.onended?.();
  await settled();
  expect(microphone.getSnapshot()).toMatchObject({ state: "live", deviceId: "headset" });
});

test("one that is plugged in when there was none is taken", async () => {
  devices.inputs = [];
  devices.refuse = new DOMException("none", "NotFoundError");
  await microphone.open();
  devices.inputs = ["headset"];
  devices.refuse = null;
  devices.ondevicechange?.();
  await settled();
  expect(microphone.getSnapshot().state).toBe("live");
});

test("of two questions at once only the last one's microphone stays on", async () => {
  await Promise.all([microphone.open(), microphone.open()]);
  expect(devices.tracks.map((track) => track.stopped)).toEqual([true, false]);
});

test("an answer after closing is let go", async () => {
  const asked = microphone.open();
  microphone.close();
  await asked;
  expect(devices.tracks.every((track) => track.stopped)).toBe(true);
  expect(microphone.getSnapshot().state).toBe("off");
});

test("settings that are garbage, or of another time, become fresh ones", () => {
  for (const garbage of ["{", "[]", '{"name":7}', "null"]) {
    localStorage.setItem("sotto.settings", garbage);
    expect(new SettingsStore(localStorage).getSnapshot()).toMatchObject({ name: "", cleanUp: true });
  }
  expect(new SettingsStore(null).getSnapshot().name).toBe("");
});
