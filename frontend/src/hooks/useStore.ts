import { useSyncExternalStore } from "react";

import type { Store } from "../session/store";

/** The value of a store, and a new render whenever it changes. */
export const useStore = <T>(store: Store<T>): T =>
  useSyncExternalStore(store.subscribe, store.getSnapshot);
