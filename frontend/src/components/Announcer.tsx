import { bannerOf } from "../session/banner";
import type { CallSnapshot } from "../session/snapshot";
import controls from "./controls.module.css";

/** What a screen reader says: politely what changed, at once when the link is lost. */
export function Announcer({ call }: { call: CallSnapshot }) {
  const banner = bannerOf(call);
  return (
    <>
      <p role="status" className={controls.hidden}>
        {call.notice} {banner?.tone === "lost" ? "" : banner?.words}
      </p>
      <p role="alert" className={controls.hidden}>
        {banner?.tone === "lost" ? banner.words : ""}
      </p>
    </>
  );
}
