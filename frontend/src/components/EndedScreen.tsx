import type { ReactNode } from "react";

import { navigate } from "../hooks/useRoute";
import type { Ended } from "../session/snapshot";
import { bytes, duration } from "../session/words";
import controls from "./controls.module.css";
import styles from "./EndedScreen.module.css";
import { Page } from "./Page";

interface EndedScreenProps {
  readonly ended: Ended;
  readonly aside: ReactNode;
  readonly onAgain: () => void;
}

export function EndedScreen({ ended, aside, onAgain }: EndedScreenProps) {
  const figures: [string, string][] = [
    ["You talked for", ended.talked_ms === null ? "Nobody else came" : duration(ended.talked_ms)],
    ["You sent", bytes(ended.sentBytes)],
    ["You got", bytes(ended.receivedBytes)],
  ];
  return (
    <Page title="Call ended" aside={aside}>
      <p className={styles.who}>{whoEnded(ended)}</p>
      <dl className={styles.figures}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className={controls.buttons}>
        <button type="button" className={controls.primary} onClick={onAgain}>
          Call again
        </button>
        <button type="button" className={controls.secondary} onClick={() => navigate("/")}>
          To the start
        </button>
      </div>
    </Page>
  );
}

function whoEnded({ by, otherName }: Ended): string {
  const other = otherName ?? "The other";
  if (by === "me") return "You hung up.";
  return by === "other" ? `${other} hung up.` : `The link of ${other} did not come back.`;
}
