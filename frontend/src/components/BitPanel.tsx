import { useState } from "react";

import { totalBps, type Moment } from "../session/history";
import type { Bits } from "../session/messages";
import type { CallSnapshot } from "../session/snapshot";
import { bitrate, bytes, megabytesPerHour, UNKNOWN } from "../session/words";
import styles from "./BitPanel.module.css";
import { BitStrip } from "./BitStrip";

type Direction = "sent" | "received";

/** What it costs: the last minute as a strip, the last second in words. */
export function BitPanel({ call }: { call: CallSnapshot }) {
  const [direction, setDirection] = useState<Direction>("sent");
  const bits = call.stats?.[direction] ?? null;
  const past: readonly Moment[] = direction === "sent" ? call.sentPast : call.receivedPast;
  const sentence = inWords(direction, bits);
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
      <BitStrip past={past} label={`The last minute, stacked by kind. ${sentence}`} />
      <dl className={styles.kinds}>
        <Kind name="Voice" kind="payload" bps={bits?.payload_bps} />
        <Kind name="Headers" kind="header" bps={bits?.header_bps} />
        <Kind name="Control" kind="control" bps={bits?.control_bps} />
        <Kind name="Redundancy" kind="redundancy" bps={bits?.redundancy_bps} />
      </dl>
      <p className={styles.note}>{call.config?.header_words}</p>
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

function Kind({ name, kind, bps }: { name: string; kind: string; bps: number | undefined }) {
  return (
    <div data-kind={kind}>
      <dt>{name}</dt>
      <dd>{bitrate(bps)}</dd>
    </div>
  );
}
