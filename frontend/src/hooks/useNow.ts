import { useSyncExternalStore } from "react";

import { realClock } from "../session/clock";

const still = () => () => {};
const ticks = (listener: () => void) => {
  const timer = setInterval(listener, 250);
  return () => clearInterval(timer);
};
const second = () => Math.ceil(realClock.now() / 1000) * 1000;

/** The time in whole seconds, with a new render each second while `ticking`. */
export const useNow = (ticking: boolean): number => useSyncExternalStore(ticking ? ticks : still, second);
