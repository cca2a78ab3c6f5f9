import { fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { useTalkKeys } from "../../src/hooks/useTalkKeys";
import { CallSession } from "../../src/session/call";
import { Net } from "../network";

let session: CallSession;

function Keys({ enabled = true }: { enabled?: boolean }) {
  useTalkKeys(session, enabled);
  return (
    <>
      <input aria-label="name" />
      <select aria-label="list" />
      <button type="button">press</button>
    </>
  );
}

const now = () => session.getSnapshot();
const space = { key: " ", code: "Space" };

beforeEach(() => void (session = new CallSession("room", new Net().browser)));

test("M mutes and unmutes", () => {
  render(<Keys />);
  fireEvent.keyDown(document.body, { key: "m" });
  expect(now().muted).toBe(true);
  fireEvent.keyDown(document.body, { key: "M", repeat: true });
  expect(now().muted).toBe(true);
  fireEvent.keyDown(document.body, { key: "M" });
  expect(now().muted).toBe(false);
});

test("Space talks while held, and not after", () => {
  render(<Keys />);
  session.setMuted(true);
  fireEvent.keyDown(document.body, space);
  fireEvent.keyDown(document.body, { ...space, repeat: true });
  expect(now().holding).toBe(true);
  fireEvent.keyUp(document.body, space);
  expect(now().holding).toBe(false);
});

test("a window that loses the focus lets go", () => {
  render(<Keys />);
  session.setMuted(true);
  fireEvent.keyDown(document.body, space);
  fireEvent.blur(window);
  expect(now().holding).toBe(false);
});

test.each(["name", "list"])("typing in %s is typing", (label) => {
  render(<Keys />);
  session.setMuted(true);
  fireEvent.keyDown(screen.getByLabelText(label), { key: "m" });
  fireEvent.keyDown(screen.getByLabelText(label), space);
  expect(now()).toMatchObject({ muted: true, holding: false });
});

test("shortcuts of the browser are the browser's", () => {
  render(<Keys />);
  fireEvent.keyDown(document.body, { key: "m", ctrlKey: true });
  expect(now().muted).toBe(false);
});

test("a button reached with the keyboard keeps its Space; one left focused by the mouse does not", () => {
  render(<Keys />);
  session.setMuted(true);
  const button = screen.getByRole("button");
  fireEvent.keyDown(document.body, { key: "Tab" });
  expect(fireEvent.keyDown(button, space)).toBe(true);
  expect(now().holding).toBe(false);
  fireEvent.pointerDown(button);
  fireEvent.keyDown(button, { key: "x" });
  expect(fireEvent.keyDown(button, space)).toBe(false); // no click follows
  expect(now().holding).toBe(true);
  expect(fireEvent.keyUp(button, space)).toBe(false);
  fireEvent.keyDown(button, { key: "Tab" });
  expect(fireEvent.keyDown(button, space)).toBe(true);
});

test("switched off, the keys do nothing", () => {
  render(<Keys enabled={false} />);
  fireEvent.keyDown(document.body, { key: "m" });
  expect(now().muted).toBe(false);
});
