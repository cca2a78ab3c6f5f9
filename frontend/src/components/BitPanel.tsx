import { useState } from "react";

import { KINDS, totalBps, type Moment } from "../session/history";
import type { Bits } from "../session/messages";
import type { CallSnapshot } from "../session/snapshot";
import { bitrate, bytes, megabytesPerHour, UNKNOWN } from "../session/words";
import styles from "./BitPanel.module.css";
import { BitStrip } from "./BitStrip";

const STACKED = KINDS.map(({ title }) => title.toLowerCase()).join(", ");
const FAR_WORDS =
  "Counted on the thin link itself, every packet with its headers, over the last 5 s. Calls that share the link are counted together.";

type Direction = "sent" | "received";

/** What it costs: the last minute as a strip, the last second in words. */
export function BitPanel({ call }: { call: CallSnapshot }) {
  const [direction, setDirection] = useState<Direction>("sent");
  const bits = call.stats?.[direction] ?? null;
  const past: readonly Moment[] = direction === "sent" ? call.sentPast : call.receivedPast;
  const sentence = inWords(direction, bits);
  const far = call.stats?.far ?? null;
  return (
    <section className={styles.panel} aria-labelledby="bits">
      <div className={styles.top}>
        <h2 id="bits">Every bit</h2>
        <div role="group" aria-label="Direction" className={styles.toggle}>
          <Toggle words="You send" on={direction === "sent"} onClick={() => setDirection("sent")} />
          <Toggle words="You get" on={direction === "received"} onClick={() => setDirection("received")} />
        </div>
      </div>
      <p className={styles.sentence} data-testid="bits-in-words">
        {sentence}
      </p>
      <BitStrip past={past} label={`The last minute, stacked: ${STACKED}. ${sentence}`} />
      <dl className={styles.kinds}>
        {KINDS.map(({ kind, title, bpsOf }) => (
          <Kind key={kind} name={title} kind={kind} bps={bits === null ? null : bpsOf(bits)} />
        ))}
      </dl>
      {far?.cost != null && <p className={styles.cost}>Both directions together: {far.cost}.</p>}
      {call.stats !== null && call.stats.state_bytes > 0 && (
        <p className={styles.cost}>This call uses {bytes(call.stats.state_bytes)} of this relay's memory for its codecs.</p>
      )}
      <p className={styles.note}>{far === null ? call.config?.header_words : FAR_WORDS}</p>
    </section>
  );
}

function inWords(direction: Direction, bits: Bits | null): string {
  const who = direction === "sent" ? "You send" : "You get";
  if (bits === null) return `${who} ${UNKNOWN}`;
  const now = totalBps(bits);
  return `${who} ${bitrate(now)}, ${megabytesPerHour(now)} per hour. ${bytes(bits.total_bytes)} so far.`;
}

function Toggle({ words, on, onClick }: { words: string; on: boolean; onClick: () => void }) {
  return (
    <button type="button" aria-pressed={on} onClick={onClick}>
      {words}
    </button>
  );
}

function Kind({ name, kind, bps }: { name: string; kind: string; bps: number | null }) {
  return (
    <div data-kind={kind}>
      <dt>{name}</dt>
      <dd>{bitrate(bps)}</dd>
    </div>
  );
}
