import { useNow } from "../hooks/useNow";
import { bannerOf, secondsLeft } from "../session/banner";
import type { CallSnapshot } from "../session/snapshot";
import styles from "./BannerBar.module.css";

/** The state of the connection in words; the Announcer says it aloud. */
export function BannerBar({ call }: { call: CallSnapshot }) {
  const banner = bannerOf(call);
  const until_ms = banner?.until_ms ?? null;
  const now = useNow(until_ms !== null);
  if (banner === null) {
    return (
      <div className={styles.banner} data-tone="fine">
        <p>{call.notice === "" ? "Connected." : call.notice}</p>
      </div>
    );
  }
  return (
    <div className={styles.banner} data-tone={banner.tone}>
      <p>{banner.words}</p>
      {until_ms !== null && <p className={styles.left}>{secondsLeft(until_ms, now)} s left</p>}
    </div>
  );
}
