import { delayOf } from "../session/delay";
import type { CallSnapshot } from "../session/snapshot";
import { milliseconds, percent } from "../session/words";
import styles from "./Figures.module.css";

/** How the other's voice arrives. */
export function Figures({ call }: { call: CallSnapshot }) {
  // until something has arrived, and while the link is lost, its zeros say nothing
  const far = call.stats?.far ?? null;
  const lost = far !== null && far.state !== "up";
  const reception = call.stats?.reception.mode == null || lost ? null : call.stats.reception;
  const delay = delayOf(reception, call.page);
  const rows: [string, string, string][] = [
    ["One-way delay", delay.words, delay.parts],
    ["Lost on the link", percent(reception?.loss), far === null ? "of the packets, last 5 s" : "of the last packets"],
    ["Concealed", percent(reception?.concealed), "of what you heard, last 5 s"],
    ["Jitter buffer", milliseconds(reception?.buffer_ms), `jitter ${milliseconds(reception?.jitter_ms)}`],
  ];
  return (
    <section className={styles.figures} aria-labelledby="arrives">
      <h2 id="arrives">How it arrives</h2>
      <dl>
        {rows.map(([name, value, detail]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <span className={styles.value}>{value}</span> <span className={styles.detail}>{detail}</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
