/** What was said in text modes, or written, as the lines of this call. */

import type { Caption } from "./messages";

export interface Line {
  /** Counts the lines of this call. */
  readonly id: number;
  readonly own: boolean;
  readonly written: boolean;
  /** Of the phrase; counted anew after a change of mode. */
  readonly number: number;
  readonly words: string;
  /** False: the words may still change. */
  readonly final: boolean;
  /** When the line began. */
  readonly at_ms: number;
}

/** More than an hour of talk; a page must not grow without end. */
export const MOST_LINES = 500;
/** What the relay takes at once, in UTF-16 units: never more characters than units. */
export const MOST_WRITTEN = 400;

/** Words that stand are never touched again: the same number is then another phrase. */
export function withCaption(lines: readonly Line[], caption: Caption, now_ms: number): readonly Line[] {
  const { own, number, final, written } = caption;
  const words = caption.words.replace(/\s+/g, " ").trim();
  const isOpen = (line: Line) => !line.final && line.own === own;
  const before = written ? undefined : lines.findLast((line) => isOpen(line) && line.number === number);
  const id = before?.id ?? (lines.at(-1)?.id ?? -1) + 1;
  const line = { id, own, written, number, words, final, at_ms: before?.at_ms ?? now_ms };
  const known = before ? lines.map((it) => (it === before ? line : it)) : [...lines, line];
  // phrases end in their order: an older one that is still open was given up
  const ended = final && !written
    ? known.map((it) => (isOpen(it) && it.id < id ? { ...it, final: true } : it))
    : known;
  return ended.filter((it) => it.words !== "").slice(-MOST_LINES);
}

export interface Names {
  readonly own: string;
  readonly other: string;
}

/** A text file of all lines, with the times of this device. */
export function transcript(lines: readonly Line[], names: Names): string {
  const [first] = lines;
  if (first === undefined) return "";
  const head = [`Sotto: a call of ${names.own} and ${names.other}`, began(first.at_ms)];
  if (first.id > 0 && lines.length === MOST_LINES) head.push(`The last ${MOST_LINES} lines; the earlier ones were not kept.`);
  return [...head, "", ...lines.map((line) => spoken(line, names)), ""].join("\n");
}

const began = (at_ms: number): string =>
  new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "long" }).format(at_ms);

function spoken({ own, written, words, final, at_ms }: Line, names: Names): string {
  const time = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" }).format(at_ms);
  const name = own ? names.own : names.other;
  return `${time} ${name}${written ? " (written)" : ""}: ${words}${final ? "" : " …"}`;
}

/** After the time at which the call's first line began, as the clock on the wall says it. */
export function fileName([first]: readonly Line[]): string {
  const at_ms = first?.at_ms ?? 0;
  const wall = new Date(at_ms - new Date(at_ms).getTimezoneOffset() * 60_000).toISOString();
  return `sotto-${wall.slice(0, 16).replace("T", "-").replace(":", "")}.txt`;
}
