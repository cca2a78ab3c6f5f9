import { useNow } from "../hooks/useNow";
import { bannerOf, secondsLeft } from "../session/banner";
import type { CallSnapshot } from "../session/snapshot";
import styles from "./BannerBar.module.css";

/** The state of the connection in words; said aloud politely, or at once when the link is lost. */
export function BannerBar({ call }: { call: CallSnapshot }) {
  const banner = bannerOf(call);
  const until_ms = banner?.until_ms ?? null;
  const now = useNow(until_ms !== null);
  const lost = banner?.tone === "lost";
  const calm = banner === null ? call.notice || "Connected." : banner.words;
  return (
    <div className={styles.banner} data-tone={banner?.tone ?? "fine"}>
      <p role="status">{lost ? "" : calm}</p>
      <p role="alert">{lost ? banner.words : ""}</p>
      {until_ms !== null && (
        <p className={styles.left} aria-hidden="true">
          {secondsLeft(until_ms, now)} s left
        </p>
      )}
    </div>
  );
}
