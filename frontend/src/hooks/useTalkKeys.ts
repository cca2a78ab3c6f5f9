import { useEffect } from "react";

import type { CallSession } from "../session/call";

/** M mutes, Space held talks while muted; both leave fields and focused controls alone. */
export function useTalkKeys(session: CallSession, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return;
    let held = false;
    const release = () => {
      if (held) session.hold(false);
      held = false;
    };
    const down = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.code === "Space" && !isControl(event.target)) {
        event.preventDefault(); // no scrolling, no click on a button that the mouse left focused
        if (!event.repeat) session.hold(true);
        held = true;
      } else if (event.key.toLowerCase() === "m" && !event.repeat) {
        session.setMuted(!session.getSnapshot().muted);
      }
    };
    const up = (event: KeyboardEvent) => {
      if (event.code !== "Space" || !held) return;
      event.preventDefault(); // Firefox clicks on keyup
      release();
    };
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", release);
    return () => {
      release();
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", release);
    };
  }, [session, enabled]);
}

const TYPING = 'textarea, select, [contenteditable="true"], input:not([type=radio], [type=checkbox])';
const CONTROL = "button, a[href], summary, input, [role=button]";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches(TYPING);

/** Reached with the keyboard, so Space is meant for it. */
const isControl = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches(CONTROL) && target.matches(":focus-visible");
