import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { watchLeaving } from "../../src/session/leaving";

const navigation = new EventTarget();
const leave = vi.fn();
let stop: () => void;

beforeEach(() => {
  Object.assign(window, { navigation });
  leave.mockClear();
  stop = watchLeaving(leave);
});
afterEach(() => stop());

function navigate(navigationType: string, sameDocument: boolean) {
  navigation.dispatchEvent(Object.assign(new Event("navigate"), { navigationType, destination: { sameDocument } }));
}
const hide = () => window.dispatchEvent(new Event("pagehide"));

test("a link to elsewhere gives the seat back", () => {
  navigate("push", false);
  hide();
  expect(leave).toHaveBeenCalledOnce();
});

test.each([
  ["a reload", () => navigate("reload", false)],
  ["a step within the page", () => navigate("push", true)],
  ["a closed tab, or a reload by the browser's button", () => {}],
])("%s keeps it", (_name, happens) => {
  happens();
  hide();
  expect(leave).not.toHaveBeenCalled();
});

test("after the call nobody watches", () => {
  stop();
  navigate("push", false);
  hide();
  expect(leave).not.toHaveBeenCalled();
});
