import { useEffect, useState } from "react";

import { CallSession } from "../session/call";
import type { Browser } from "../session/browser";
import { watchLeaving } from "../session/leaving";
import { useStore } from "./useStore";

/** The call of a room, from the first render of its screen to the last. */
export function useCall(room: string, browser: Browser) {
  const [session] = useState(() => new CallSession(room, browser));
  const call = useStore(session);

  useEffect(() => {
    void session.prepare();
    const stopWatching = watchLeaving(() => session.vanish());
    const hurry = () => session.hurry();
    window.addEventListener("online", hurry);
    return () => {
      stopWatching();
      window.removeEventListener("online", hurry);
      session.vanish();
      session.close();
    };
  }, [session]);

  return { session, call };
}
