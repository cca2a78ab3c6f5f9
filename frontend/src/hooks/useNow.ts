import { useEffect, useState } from "react";

import { realClock } from "../session/clock";

/** The time, anew every second while `ticking`. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(() => realClock.now());
  useEffect(() => {
    if (!ticking) return;
    const tick = () => setNow(realClock.now());
    const first = setTimeout(tick, 0);
    const timer = setInterval(tick, 1000);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [ticking]);
  return now;
}
