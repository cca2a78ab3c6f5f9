import type { Mode } from "../session/config";
import { totalBps } from "../session/history";
import type { CallSnapshot } from "../session/snapshot";
import { bitrate } from "../session/words";
import styles from "./Wire.module.css";

interface WireProps {
  readonly call: CallSnapshot;
  readonly sendMode: Mode | null;
  readonly heardMode: Mode | null;
}

/** The thin stretch between the two: what goes over it in each direction right now. */
export function Wire({ call, sendMode, heardMode }: WireProps) {
  const { stats } = call;
  const far = stats?.far ?? null;
  return (
    <div className={styles.wire} data-link={far?.state}>
      <Lane
        direction="out"
        words="You send"
        mode={sendMode?.title ?? "–"}
        rate={bitrate(stats && totalBps(stats.sent))}
      />
      <Lane
        direction="in"
        words="You get"
        mode={heardMode?.title ?? "–"}
        rate={bitrate(stats && totalBps(stats.received))}
      />
      {far?.packing != null && (
        <p className={styles.packing}>
          <span className={styles.words}>While you talk:</span> <span>{far.packing}</span>
        </p>
      )}
    </div>
  );
}

interface LaneProps {
  readonly direction: "out" | "in";
  readonly words: string;
  readonly mode: string;
  readonly rate: string;
}

function Lane({ direction, words, mode, rate }: LaneProps) {
  return (
    <div className={styles.lane} data-direction={direction}>
      <p className={styles.mode}>
        <span className={styles.words}>{words}</span> {mode}
      </p>
      <div className={styles.line} aria-hidden="true" />
      <p className={styles.rate}>{rate}</p>
    </div>
  );
}
