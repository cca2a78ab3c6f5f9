import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

import { CODES, EXPLAIN } from "../../src/session/errors";
import { FROM_PAGE, FROM_RELAY, pageMessage, relayMessage } from "../../src/session/messages";

const ROOT = join(import.meta.dirname, "../../..");
const GOLDEN = join(ROOT, "tests/fixtures/messages");

interface Golden {
  direction: "from-page" | "from-relay";
  message: { type: string } & Record<string, unknown>;
}

const golden = readdirSync(GOLDEN)
  .filter((name) => name.endsWith(".json"))
  .map((name) => JSON.parse(readFileSync(join(GOLDEN, name), "utf8")) as Golden);

describe("golden messages", () => {
  test.each(golden)("$direction $message.type comes through whole", ({ direction, message }) => {
    const parse = direction === "from-page" ? pageMessage : relayMessage;
    expect(parse(message)).toEqual(message);
  });

  test.each(golden)("every field of $message.type is needed", ({ direction, message }) => {
    const parse = direction === "from-page" ? pageMessage : relayMessage;
    for (const [name, value] of Object.entries(message)) {
      const without = Object.fromEntries(Object.entries(message).filter(([other]) => other !== name));
      if (value !== null && !["sdp_mid", "sdp_mline_index", "far"].includes(name)) {
        expect(() => parse(without), name).toThrow();
      }
      expect(() => parse({ ...message, [name]: { no: "such" } }), name).toThrow();
    }
  });

  test("there is one for every message, and a message for every one", () => {
    const seen = (direction: string) =>
      golden.filter((one) => one.direction === direction).map((one) => one.message.type).sort();
    expect(seen("from-page")).toEqual(Object.keys(FROM_PAGE).sort());
    expect(seen("from-relay")).toEqual(Object.keys(FROM_RELAY).sort());
  });
});

describe("what is not a message", () => {
  test.each([null, 1, "x", [], {}, { type: 3 }, { type: "nope" }, { type: "toString" }])("%j", (data) => {
    expect(() => relayMessage(data)).toThrow();
  });

  test("a field of a newer relay is passed over", () => {
    expect(relayMessage({ type: "pong", id: 1, extra: true })).toEqual({ type: "pong", id: 1 });
  });

  test("an error code of a newer relay is still an error", () => {
    const error = relayMessage({ type: "error", code: "brand-new", message: "So.", fatal: false });
    expect(error).toMatchObject({ code: "internal", message: "So." });
  });
});

test("every error code of the relay has words here", () => {
  const python = readFileSync(join(ROOT, "signaling/sotto_signaling/errors.py"), "utf8");
  const codes = [...python.matchAll(/^ {4}[A-Z_]+ = "([a-z-]+)"$/gm)].map(([, code]) => code);
  expect([...CODES].sort()).toEqual(codes.sort());
  for (const { title, words, ways } of Object.values(EXPLAIN)) {
    expect(title).not.toBe("");
    expect(words).toMatch(/\.$/);
    expect(ways.length).toBeGreaterThan(0);
  }
});
