import { useState, type SyntheticEvent } from "react";

import { MOST_WRITTEN } from "../session/captions";
import controls from "./controls.module.css";
import styles from "./Captions.module.css";

interface WriteLineProps {
  /** Who would read it. */
  readonly reader: string;
  /** Null where it would arrive. */
  readonly whyUnread: string | null;
  /** False: it did not leave. */
  readonly onWrite: (text: string) => boolean;
}

/** A line by hand; Enter sends it. What did not leave stays in the field. */
export function WriteLine({ reader, whyUnread, onWrite }: WriteLineProps) {
  const [text, setText] = useState("");
  const send = (event: SyntheticEvent) => {
    event.preventDefault();
    const line = text.trim();
    if (line === "" || (whyUnread === null && onWrite(line))) setText("");
  };
  return (
    <form className={styles.write} onSubmit={send}>
      <input
        className={controls.field}
        aria-label="Write a line"
        placeholder={whyUnread ?? `Write to ${reader}`}
        aria-description={whyUnread ?? undefined}
        autoComplete="off"
        enterKeyHint="send"
        maxLength={MOST_WRITTEN}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" className={controls.secondary} disabled={whyUnread !== null}>
        Send
      </button>
    </form>
  );
}
