import { useEffect } from "react";

import type { CallSession } from "../session/call";

/** M mutes, Space held talks while muted; fields keep both, controls reached by keyboard keep Space. */
export function useTalkKeys(session: CallSession, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return;
    let held = false;
    // How the focus came to where it is. :focus-visible does not tell: in Chromium it turns true with any key.
    let pointed = false;
    const point = () => void (pointed = true);
    const release = () => {
      if (held) session.hold(false);
      held = false;
    };
    const down = (event: KeyboardEvent) => {
      if (MOVES_FOCUS.test(event.key)) pointed = false;
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.code === "Space" && (pointed || !isControl(event.target))) {
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
    window.addEventListener("pointerdown", point, true);
    window.addEventListener("keydown", down);
    window.addEventListener("keyup", up);
    window.addEventListener("blur", release);
    return () => {
      release();
      window.removeEventListener("pointerdown", point, true);
      window.removeEventListener("keydown", down);
      window.removeEventListener("keyup", up);
      window.removeEventListener("blur", release);
    };
  }, [session, enabled]);
}

const TYPING = 'textarea, select, [contenteditable="true"], input:not([type=radio], [type=checkbox])';
const MOVES_FOCUS = /^(Tab|Arrow|Home|End|Page)/;
const CONTROL = "button, a[href], summary, input, [role=button]";

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches(TYPING);

const isControl = (target: EventTarget | null): boolean =>
  target instanceof Element && target.matches(CONTROL);
