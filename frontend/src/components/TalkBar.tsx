import type { KeyboardEvent } from "react";

import type { CallSession } from "../session/call";
import controls from "./controls.module.css";
import styles from "./TalkBar.module.css";

interface TalkBarProps {
  readonly session: CallSession;
  readonly muted: boolean;
  readonly holding: boolean;
  readonly keys: boolean;
}

/** Mute, hold to talk, leave. */
export function TalkBar({ session, muted, holding, keys }: TalkBarProps) {
  const onKey = (holds: boolean) => (event: KeyboardEvent) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    if (!event.repeat) session.hold(holds);
  };
  return (
    <div className={styles.bar}>
      <button
        type="button"
        className={styles.mute}
        aria-pressed={muted}
        aria-keyshortcuts={keys ? "M" : undefined}
        onClick={() => session.setMuted(!muted)}
      >
        <span>Mute</span>
        {keys && <kbd aria-hidden="true">M</kbd>}
      </button>
      <button
        type="button"
        className={styles.hold}
        aria-pressed={holding}
        aria-disabled={!muted}
        aria-keyshortcuts={keys ? "Space" : undefined}
        title={muted ? undefined : "Mute first; then talk only while this is held"}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          session.hold(true);
        }}
        onPointerUp={() => session.hold(false)}
        onPointerCancel={() => session.hold(false)}
        onLostPointerCapture={() => session.hold(false)}
        onKeyDown={onKey(true)}
        onKeyUp={onKey(false)}
        onBlur={() => session.hold(false)}
        onContextMenu={(event) => event.preventDefault()}
      >
        <span>Hold to talk</span>
        {keys && <kbd aria-hidden="true">Space</kbd>}
      </button>
      <button type="button" className={controls.danger} onClick={() => session.leave()}>
        Leave
      </button>
    </div>
  );
}
