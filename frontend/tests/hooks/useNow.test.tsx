import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import { useNow } from "../../src/hooks/useNow";
import { realClock } from "../../src/session/clock";

let now_ms = 5000;
beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(realClock, "now").mockImplementation(() => now_ms);
});
afterEach(() => {
  vi.useRealTimers();
});

const Clock = ({ ticking }: { ticking: boolean }) => <p>{useNow(ticking)}</p>;

function pass(ms: number) {
  now_ms += ms;
  act(() => void vi.advanceTimersByTime(ms));
}

test("time stands still until it is asked for, and is right from the first moment on", () => {
  const { rerender } = render(<Clock ticking={false} />);
  pass(20_000);
  expect(screen.getByText("5000")).toBeTruthy();
  rerender(<Clock ticking />);
  expect(screen.getByText("25000")).toBeTruthy();
  pass(1000);
  expect(screen.getByText("26000")).toBeTruthy();
});
