import { act, fireEvent, render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { App } from "../../src/components/App";
import type { Caption } from "../../src/session/messages";
import { ANSWER, GRACE, joined, Net, settled, STATS } from "../network";

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

async function inCall(part: Parameters<typeof joined>[0] = { peers: [GRACE] }) {
  history.replaceState(null, "", "/r/room-1");
  await doing(() => render(<App browser={net.browser} />));
  await doing(() => screen.getByRole("button", { name: "Join" }).click());
  await doing(() => net.socket.open());
  await doing(() => net.socket.tell(joined(part)));
  await doing(() => net.socket.tell({ type: "answer", sdp: ANSWER }));
  await doing(() => net.peer.becomes("connected"));
}

const caption = (number: number, words: string, part: Partial<Caption> = {}) =>
  doing(() => net.socket.tell({ type: "caption", own: false, number, words, final: true, written: false, ...part }));

const panel = () => screen.getByRole("region", { name: "What is said" });
const box = () => screen.getByRole("group", { name: "Lines so far" });
const shown = () => within(panel()).queryAllByRole("listitem").map((item) => item.textContent);
const field = () => screen.getByLabelText<HTMLInputElement>("Write a line");
const agreement = () => screen.queryByRole<HTMLInputElement>("checkbox", { name: /^Describe my voice/ });
const agreed = () => net.socket.of("share-voice").map(({ shared }) => shared);
/** What a screen reader is told, without being asked. */
const aloud = () => panel().querySelector("[aria-live]")?.textContent;

const send = async (text: string) => {
  fireEvent.change(field(), { target: { value: text } });
  await doing(() => fireEvent.submit(field()));
};

const inTextMode = () => doing(() => net.socket.tell({ type: "mode-changed", peer: "p-1", mode: "text" }));

const textOf = (file: Blob) =>
  new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsText(file);
  });

async function expectAccessible() {
  const { violations } = await axe.run(document, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

describe("what is said", () => {
  test("both sides are told apart in words, and words that may change are marked", async () => {
    await inCall();
    await expectAccessible();
    await caption(0, "is anybody", { final: false });
    await caption(0, "on my way", { own: true });
    await caption(0, "bring rope", { written: true });
    expect(shown()).toEqual(["Grace is anybody", "You on my way", "Grace wrote bring rope"]);
    const states = within(panel()).getAllByRole("listitem").map((item) => [item.dataset.own, item.dataset.final]);
    expect(states).toEqual([["false", "false"], ["true", "true"], ["false", "true"]]);
    await expectAccessible();
  });

  test("only words of the other that stand are read aloud", async () => {
    await inCall();
    await caption(0, "the doc", { final: false });
    await caption(0, "on my way", { own: true });
    expect(aloud()).toBe("");
    await caption(0, "the doctor");
    expect(aloud()).toBe("Grace: the doctor");
  });

  test("a reader at the end stays there, one who reads further up is left alone, and the focus with it", async () => {
    await inCall();
    let height = 100;
    Object.defineProperty(box(), "scrollHeight", { get: () => height });
    Object.defineProperty(box(), "clientHeight", { value: 60 });
    field().focus();
    await caption(0, "one");
    height = 130;
    await caption(1, "two");
    expect(box().scrollTop).toBe(130);
    box().scrollTop = 20;
    fireEvent.scroll(box());
    height = 160;
    await caption(2, "three");
    expect(box().scrollTop).toBe(20);
    box().scrollTop = 100;
    fireEvent.scroll(box());
    height = 190;
    await caption(3, "four");
    expect(box().scrollTop).toBe(190);
    expect(document.activeElement).toBe(field());
  });

  test("a recogniser that falls behind is named, with by how much, until it has caught up", async () => {
    await inCall();
    for (const [behind_s, words] of [
      [1.9, null],
      [3.2, "Your words are 3 s behind."],
      [29.6, "Your words are 30 s behind."],
      [0.4, null],
    ] as const) {
      await doing(() => net.socket.tell({ ...STATS, behind_s }));
      expect(within(panel()).queryByText(/behind/)?.textContent ?? null).toBe(words);
    }
  });

  test("a language that no voice here speaks is named while the other is in a text mode", async () => {
    await inCall({ peers: [{ ...GRACE, mode: "text" }] });
    for (const [unspoken, words] of [
      ["nl", "No voice here speaks Dutch: what Grace says can only be read."],
      ["a-1", "No voice here speaks a-1: what Grace says can only be read."],
      ["", null],
    ] as const) {
      await doing(() => net.socket.tell({ ...STATS, unspoken }));
      expect(within(panel()).queryByText(/No voice/)?.textContent ?? null).toBe(words);
    }
    await doing(() => net.socket.tell({ ...STATS, unspoken: "nl" }));
    await doing(() => net.socket.tell({ type: "mode-changed", peer: GRACE.peer, mode: "opus-6k" }));
    expect(within(panel()).queryByText(/No voice/)).toBeNull();
  });

  test("nothing is taken for markup", async () => {
    await inCall();
    await caption(0, "<img src=x>", { written: true });
    expect(shown()).toEqual(["Grace wrote <img src=x>"]);
    expect(panel().querySelector("img")).toBeNull();
  });

  test("the transcript is a file of the page's own, in the call and after it", async () => {
    const files: Blob[] = [];
    const names: string[] = [];
    const click = vi.spyOn(HTMLAnchorElement.prototype, "click");
    click.mockImplementation(function (this: HTMLAnchorElement) {
      names.push(this.download);
    });
    Object.assign(URL, { createObjectURL: (file: Blob) => (files.push(file), "blob:1"), revokeObjectURL: () => {} });
    await inCall();
    expect(screen.queryByRole("button", { name: "Save transcript" })).toBeNull();
    await caption(0, "the doctor is on board");
    await doing(() => screen.getByRole("button", { name: "Save transcript" }).click());
    await doing(() => net.socket.tell({ type: "peer-left", peer: "p-2", reason: "left" }));
    await expectAccessible();
    await doing(() => screen.getByRole("button", { name: "Save transcript" }).click());
    const [inCallText, afterText] = await Promise.all(files.map(textOf));
    expect(inCallText).toMatch(/^Sotto: a call of Ada and Grace\n[^]* Grace: the doctor is on board\n$/);
    expect(afterText).toBe(inCallText);
    expect(names[0]).toMatch(/^sotto-\d{4}-\d\d-\d\d-\d{4}\.txt$/);
  });

  test("trouble in the middle of a call does not take what was said", async () => {
    await inCall();
    await caption(0, "the doctor is on board");
    await doing(() => net.socket.tell({ type: "error", code: "seat-taken-over", message: "Elsewhere.", fatal: true }));
    expect(screen.getByRole("button", { name: "Save transcript" })).toBeTruthy();
  });
});

describe("writing", () => {
  test("a line leaves without the spaces around it, and is shown once the relay has it", async () => {
    await inCall();
    await send("  Bring 12 m of rope. ");
    expect(net.socket.of("write")).toEqual([{ type: "write", text: "Bring 12 m of rope." }]);
    expect(field().value).toBe("");
    expect(shown()).toEqual([]);
    await caption(0, "Bring 12 m of rope.", { own: true, written: true });
    expect(shown()).toEqual(["You wrote Bring 12 m of rope."]);
  });

  test("nothing is not sent, and no more than the relay takes", async () => {
    await inCall();
    await send("   ");
    expect(net.socket.of("write")).toEqual([]);
    expect(field().maxLength).toBe(400);
  });

  test("M and Space are letters in the field", async () => {
    await inCall();
    fireEvent.keyDown(field(), { key: "m" });
    fireEvent.keyDown(field(), { key: " ", code: "Space" });
    expect(net.socket.of("mute").length).toBe(1); // of the join
  });

  test.each([
    ["nobody is here", { peers: [] }, "Nobody is here to read it yet"],
    ["the other is away", { peers: [{ ...GRACE, present: false }] }, "The link is lost: it would not arrive"],
  ])("while %s, what was typed stays", async (_, part, reason) => {
    await inCall(part);
    await send("Are you there?");
    expect(net.socket.of("write")).toEqual([]);
    expect(field().value).toBe("Are you there?");
    expect(field().placeholder).toBe(reason);
    await expectAccessible();
  });

  test("while the relay is away, what was typed stays", async () => {
    await inCall();
    await doing(() => net.socket.drop());
    await send("Are you there?");
    expect(field().value).toBe("Are you there?");
  });
});

describe("the own voice", () => {
  test("is asked for in text modes only, and not given", async () => {
    await inCall();
    expect(agreement()).toBeNull();
    await inTextMode();
    expect(agreement()?.checked).toBe(false);
    expect(screen.getByText(/^Your words are recognised here, sent as text/)).toBeTruthy();
    expect(agreed()).toEqual([]);
    await expectAccessible();
  });

  test("is given and taken back", async () => {
    await inCall();
    await inTextMode();
    await doing(() => agreement()?.click());
    expect(agreement()?.checked).toBe(true);
    await doing(() => agreement()?.click());
    expect(agreed()).toEqual([true, false]);
  });

  test("is forgotten by the next call", async () => {
    await inCall({ peers: [GRACE], mode: "text" });
    await doing(() => agreement()?.click());
    await doing(() => screen.getByRole("button", { name: "Leave" }).click());
    await doing(() => screen.getByRole("button", { name: "Call again" }).click());
    await doing(() => screen.getByRole("button", { name: "Join" }).click());
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell(joined({ mode: "text" })));
    expect(agreement()?.checked).toBe(false);
    expect(agreed()).toEqual([]);
  });
});
