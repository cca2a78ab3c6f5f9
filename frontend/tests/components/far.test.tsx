import { act, render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { beforeEach, expect, test } from "vitest";

import { App } from "../../src/components/App";
import type { FarLink } from "../../src/session/messages";
import { ANSWER, CONFIG, farStats, GRACE, joined, Net, settled, STATS } from "../network";

let net: Net;
beforeEach(() => {
  net = new Net();
  Object.assign(window, { RTCPeerConnection: () => null });
  document.documentElement.lang = "en";
});

const doing = (what: () => unknown) =>
  act(async () => {
    what();
    await settled();
  });

async function inCall(peers = [GRACE]) {
  history.replaceState(null, "", "/r/room-1");
  await doing(() => render(<App browser={net.browser} />));
  await doing(() => screen.getByRole("button", { name: "Join" }).click());
  await doing(() => net.socket.open());
  await doing(() => net.socket.tell(joined({ peers })));
  await doing(() => net.socket.tell({ type: "answer", sdp: ANSWER }));
  await doing(() => net.peer.becomes("connected"));
}

const link = (part: Partial<FarLink> = {}) => doing(() => net.socket.tell(farStats(part)));
const title = () => screen.getByRole("heading", { level: 1 }).textContent;

/** Contrast needs pixels: the real-browser tests check it. */
async function expectAccessible() {
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

test("a call over a thin link shows how it is packed and what it costs", async () => {
  await inCall();
  await link();
  expect(screen.getByText("While you talk:").parentElement?.textContent).toBe("While you talk: 0.9 kbit/s, 0.9 s behind");
  const bits = screen.getByRole("region", { name: "Every bit" });
  expect(bits.textContent).toContain(
    "Both directions together: 11 kB so far, 0.4 MB per hour; the same call on Signal: 19 MB.",
  );
  expect(bits.textContent).toContain("Counted on the thin link itself");
  expect(screen.getByRole("region", { name: "How it arrives" }).textContent).toContain("1.2 % of the last packets");
  expect(bits.textContent).not.toContain(CONFIG.header_words);
  await expectAccessible();
});

test("cryptography is a kind of its own, and part of the sum", async () => {
  await inCall();
  await link();
  const term = within(screen.getByRole("region", { name: "Every bit" })).getByText("Cryptography");
  expect(term.nextElementSibling?.textContent).toBe("120 bit/s");
  expect(screen.getByTestId("bits-in-words").textContent).toContain("You send 2.5 kbit/s"); // 2470
  const strip = screen.getByRole("img", { name: /^The last minute, stacked/ });
  expect(strip.getAttribute("aria-label")).toContain("voice, headers, cryptography, control, redundancy");
});

test("what a call takes of the relay's memory is shown where its codecs say so", async () => {
  await inCall();
  expect(screen.queryByText(/This call uses/)).toBeNull();
  await doing(() => net.socket.tell({ ...STATS, state_bytes: 39_030_000 }));
  expect(screen.getByText("This call uses 39 MB of this relay's memory for its codecs.")).toBeTruthy();
});

test("what is not known yet is not shown", async () => {
  await inCall();
  await link({ packing: null, cost: null });
  expect(screen.queryByText("While you talk:")).toBeNull();
  expect(screen.queryByText(/Both directions together/)).toBeNull();
});

test("a silent link is said at once, and so is its end; nobody hangs up", async () => {
  await inCall();
  await link();
  await link({ state: "silent" });
  expect(screen.getByRole("alert").textContent).toBe(
    "Nothing is heard from the other side. The call goes on when the link is back.",
  );
  expect(title()).toBe("Call with Grace");
  expect(screen.getByRole("region", { name: "How it arrives" }).textContent).not.toMatch(/\d (ms|%)/);
  await expectAccessible();
  await link();
  expect(screen.getByRole("alert").textContent).toBe("");
  expect(screen.getByRole("status").textContent).toBe("The other side is heard again.");
});

test.each([
  ["setting up", "status", "The link to the other side is being set up."],
  ["down", "alert", "The link to the other side is down. It is set up again when the other side answers."],
] as const)("who waits is told that the link is %s", async (state, role, words) => {
  await inCall([]);
  await link({ state, packing: null, cost: null });
  expect(screen.getByRole(role).textContent).toBe(words);
  await expectAccessible();
});

test("who waits at a link that is up is told how the other side gets in", async () => {
  await inCall([]);
  await link({ packing: null, cost: null });
  expect(screen.getByRole("status").textContent).toBe(
    "Nobody else is here yet. Send them the link. On the other side of the thin link it begins with the address of the relay there.",
  );
});

test("a link to try out is for two at one relay", async () => {
  await inCall();
  await doing(() => net.socket.tell(STATS));
  expect(screen.getByLabelText("The link between you, for both")).toBeTruthy();
  await link();
  expect(screen.queryByLabelText("The link between you, for both")).toBeNull();
  expect(screen.getByText(/^The link between you is a real one\./)).toBeTruthy();
  expect(screen.getByText(/the thin link packs tighter, and later\.$/)).toBeTruthy();
});
