import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { TextMode } from "../../src/components/TextMode";
import { CONFIG } from "../network";

test("a text mode says that words may be wrong, what they cost, and who hears and speaks them", () => {
  const [text] = CONFIG.modes.filter(({ captions }) => captions);
  if (text === undefined) throw new Error("no text mode");
  const mode = { ...text, wire_bps: 216, mb_per_hour: 0.0972 };
  const { container } = render(<TextMode mode={mode} sharesVoice={false} onShare={() => undefined} />);
  expect(container.textContent).toContain("Some words will be wrong");
  expect(container.textContent).toContain("up to 216 bit/s with all headers, 0.1 MB an hour");
  expect(container.textContent).toContain("recognised by an ear 2.1, and those of the other spoken here by a mouth.");
  expect(screen.getByRole<HTMLInputElement>("checkbox", { name: /^Describe my voice/ }).checked).toBe(false);
});

test("who is asked for the voice is told that some seconds of it may leave, who keeps them, and how to take it back", () => {
  const [text] = CONFIG.modes.filter(({ captions }) => captions);
  if (text === undefined) throw new Error("no text mode");
  render(<TextMode mode={text} sharesVoice={false} onShare={() => undefined} />);
  const asked = screen.getByRole("checkbox", { name: /^Describe my voice/ });
  const words = document.getElementById(asked.getAttribute("aria-describedby") ?? "")?.textContent;
  expect(words).toContain("where the other end can speak with a copy of a voice, a recording follows");
  expect(words).toContain("a few seconds of what you say in this call");
  expect(words).toContain("until they are started again");
  expect(words).toContain("Take the tick away, and nothing more of your voice leaves.");
});
