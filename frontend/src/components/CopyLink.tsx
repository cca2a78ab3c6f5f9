import { useState } from "react";

import controls from "./controls.module.css";

/** Copies the address of this room; where the browser forbids that, shows it for copying by hand. */
export function CopyLink({ strong = false }: { strong?: boolean }) {
  const [state, setState] = useState<"idle" | "copied" | "by-hand">("idle");

  const copy = async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      setState("copied");
      setTimeout(() => setState("idle"), 3000);
    } catch {
      setState("by-hand");
    }
  };

  if (state === "by-hand") {
    return (
      <input
        className={controls.field}
        aria-label="Link to this call"
        readOnly
        value={location.href}
        onFocus={(event) => event.target.select()}
      />
    );
  }
  return (
    <button type="button" className={strong ? controls.primary : controls.secondary} onClick={() => void copy()}>
      <span aria-live="polite">{state === "copied" ? "Link copied" : "Copy link"}</span>
    </button>
  );
}
