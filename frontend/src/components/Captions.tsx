import { memo, type ReactNode } from "react";

import { useNewestInView } from "../hooks/useNewestInView";
import type { CallSession } from "../session/call";
import type { Line, Names } from "../session/captions";
import { modeOf, whyUnread, type CallSnapshot } from "../session/snapshot";
import controls from "./controls.module.css";
import styles from "./Captions.module.css";
import { SaveTranscript } from "./SaveTranscript";
import { WriteLine } from "./WriteLine";

interface CaptionsProps {
  readonly session: CallSession;
  readonly call: CallSnapshot;
  readonly names: Names;
  /** What there is to say about the own mode. */
  readonly children?: ReactNode;
}

/** Less is not worth a word: it is what a phrase takes. */
const BEHIND_S = 2;
/** So many last lines are there for a screen reader that reads slowly. */
const MOST_ALOUD = 3;

/** What both say in text modes, as words, and what they write in any mode. */
export function Captions({ session, call, names, children }: CaptionsProps) {
  const { config, lines, me, other, stats } = call;
  const { box, onScroll } = useNewestInView(lines);
  const [mine, others] = [me, other].map((who) => modeOf(config, who?.mode)?.captions ?? false);
  const theirs = lines.filter(({ own, final }) => final && !own).slice(-MOST_ALOUD);
  return (
    <section className={styles.captions} aria-labelledby="captions">
      <div className={styles.top}>
        <h2 id="captions">What is said</h2>
        {stats !== null && stats.behind_s > BEHIND_S && (
          <p className={controls.hint}>Your words are {Math.round(stats.behind_s)} s behind.</p>
        )}
        {stats !== null && stats.unspoken !== "" && others && (
          <p className={controls.hint}>
            No voice here speaks {nameOf(stats.unspoken)}: what {names.other} says can only be read.
          </p>
        )}
        <SaveTranscript lines={lines} names={names} />
      </div>
      <div
        ref={box}
        className={styles.box}
        data-tall={mine}
        role="group"
        aria-label="Lines so far"
        tabIndex={0}
        onScroll={onScroll}
      >
        {lines.length === 0 ? (
          <p className={controls.hint}>{mine || others ? "Nothing is said yet." : "Nothing is written yet."}</p>
        ) : (
          <ol className={styles.lines}>
            {lines.map((line) => (
              <CaptionLine key={line.id} line={line} other={names.other} />
            ))}
          </ol>
        )}
      </div>
      {/* words that stand, of the other: one's own would be read into one's own microphone */}
      <div className={controls.hidden} aria-live="polite">
        {theirs.map((line) => (
          <p key={line.id}>{`${whoOf(line, names.other)}: ${line.words}`}</p>
        ))}
      </div>
      <WriteLine reader={names.other} whyUnread={whyUnread(call)} onWrite={(text) => session.write(text)} />
      {children}
    </section>
  );
}

/** Lines do not change once their words stand: hundreds of them are not drawn again with each word. */
const CaptionLine = memo(function CaptionLine({ line, other }: { line: Line; other: string }) {
  return (
    <li className={styles.line} data-own={line.own} data-final={line.final}>
      <span className={styles.who}>{whoOf(line, other)}</span> <bdi>{line.words}</bdi>
    </li>
  );
});

/** A language in words, or its tag. */
function nameOf(tag: string): string {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" }).of(tag) ?? tag;
  } catch {
    return tag; // well formed for a relay, not for a browser
  }
}

const whoOf = ({ own, written }: Line, other: string): string =>
  `${own ? "You" : other}${written ? " wrote" : ""}`;
