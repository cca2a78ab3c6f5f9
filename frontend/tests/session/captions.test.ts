import { describe, expect, test } from "vitest";

import { fileName, MOST_LINES, transcript, withCaption, type Line } from "../../src/session/captions";
import type { Caption } from "../../src/session/messages";

const NOON = new Date(2026, 10, 21, 12, 0, 5).getTime();

const said = (number: number, words: string, part: Partial<Caption> = {}): Caption => ({
  type: "caption",
  own: false,
  number,
  words,
  final: false,
  written: false,
  ...part,
});
const stands = { final: true };
const mine = { own: true };
const written = { final: true, written: true };

/** One caption a second. */
const lines = (...captions: Caption[]): readonly Line[] =>
  captions.reduce<readonly Line[]>((before, caption, second) => withCaption(before, caption, NOON + second * 1000), []);

const shown = (...captions: Caption[]) => lines(...captions).map(({ words, final }) => (final ? words : `${words} …`));

describe("lines", () => {
  test("a phrase grows in its place, and keeps the time of its first word", () => {
    const [line, ...more] = lines(said(7, "the"), said(7, "the doctor"), said(7, "the doctor is on board", stands));
    expect(more).toEqual([]);
    expect(line).toMatchObject({ id: 0, words: "the doctor is on board", final: true, at_ms: NOON });
  });

  test("both sides count their phrases on their own", () => {
    expect(shown(said(0, "yes"), said(0, "no", mine), said(0, "yes please", stands))).toEqual(["yes please", "no …"]);
  });

  test("words that stand are never replaced: after a change of mode phrases count from 0 again", () => {
    expect(shown(said(0, "before", stands), said(0, "after"), said(0, "after all", stands))).toEqual([
      "before",
      "after all",
    ]);
  });

  test("a phrase that was given up ends with the next one that stands", () => {
    expect(shown(said(4, "half of"), said(0, "yes", mine), said(0, "new one", stands))).toEqual([
      "half of",
      "yes …",
      "new one",
    ]);
  });

  test("written lines have no number, and end nobody's phrase", () => {
    expect(shown(said(0, "so far"), said(0, "rope", written), said(0, "rope", written), said(0, "so far so good"))).toEqual([
      "so far so good …",
      "rope",
      "rope",
    ]);
  });

  test("words that are taken back leave no line", () => {
    expect(shown(said(0, ""), said(1, "uh"), said(1, " ", stands))).toEqual([]);
  });

  test("the last 500 are kept, each under its own name", () => {
    const many = Array.from({ length: MOST_LINES + 7 }, (_, index) => said(index, `phrase ${index}`, stands));
    const kept = lines(...many);
    expect(kept.length).toBe(MOST_LINES);
    expect(kept[0]?.words).toBe("phrase 7");
    expect(new Set(kept.map(({ id }) => id)).size).toBe(MOST_LINES);
  });

  test("lines that stand stay the same objects", () => {
    const before = lines(said(0, "one", stands), said(1, "two"));
    const after = withCaption(before, said(1, "two three", stands), NOON);
    expect(after[0]).toBe(before[0]);
  });
});

describe("transcript", () => {
  const names = { own: "Ada", other: "Grace" };

  test("has who, when and how", () => {
    const text = transcript(
      lines(said(0, "on my way", { ...mine, ...stands }), said(0, "bring rope", written), said(1, "how far is")),
      names,
    );
    const [head, began, empty, ...rest] = text.split("\n");
    expect(head).toBe("Sotto: a call of Ada and Grace");
    expect(began).toMatch(/^21 November 2026 at 12:00:05 \S+$/);
    expect(empty).toBe("");
    expect(rest).toEqual([
      "12:00:05 Ada: on my way",
      "12:00:06 Grace (written): bring rope",
      "12:00:07 Grace: how far is …",
      "",
    ]);
  });

  test("nobody can write a line in another's name", () => {
    const text = transcript(lines(said(0, "hello\n12:00:06 Ada: I agree", written)), names);
    expect(text.split("\n").filter((line) => line.includes("Ada: I agree"))).toEqual([
      "12:00:05 Grace (written): hello 12:00:06 Ada: I agree",
    ]);
  });

  test("says where its beginning is missing", () => {
    const many = Array.from({ length: MOST_LINES + 1 }, (_, index) => said(index, "so", stands));
    expect(transcript(lines(...many.slice(1)), names)).not.toContain("not kept");
    expect(transcript(lines(...many), names)).toContain("The last 500 lines; the earlier ones were not kept.");
  });

  test("its file is named after the wall clock", () => {
    expect(fileName(lines(said(0, "x")))).toBe("sotto-2026-11-21-1200.txt");
  });
});
