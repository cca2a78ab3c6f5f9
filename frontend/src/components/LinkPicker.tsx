import type { Link } from "../session/config";
import { bitrate, milliseconds, percent } from "../session/words";
import controls from "./controls.module.css";

interface LinkPickerProps {
  readonly links: readonly Link[];
  readonly chosen: string | null;
  /** The other is at another relay: the link is a real one. */
  readonly far: boolean;
  readonly onChoose: (link: string) => void;
}

/** What the relay pretends the stretch between the two to be. */
export function LinkPicker({ links, chosen, far, onChoose }: LinkPickerProps) {
  if (far) {
    return (
      <p className={controls.hint}>
        The link between you is a real one. Links to try out are for two people at the same relay.
      </p>
    );
  }
  const link = links.find((item) => item.name === chosen);
  return (
    <div className={controls.labelled}>
      <label htmlFor="link-profile">The link between you, for both</label>
      <select
        id="link-profile"
        className={controls.field}
        value={chosen ?? ""}
        aria-describedby="link-words"
        onChange={(event) => onChoose(event.target.value)}
      >
        {links.map((item) => (
          <option key={item.name} value={item.name}>
            {item.title}
          </option>
        ))}
      </select>
      <p id="link-words" className={controls.hint}>
        {link ? `${link.words} ${figures(link)}` : ""}
      </p>
    </div>
  );
}

function figures(link: Link): string {
  const rate = link.rate_bps ? bitrate(link.rate_bps) : "No limit of rate";
  return `${rate}, ${milliseconds(link.delay_ms)} one way, ${milliseconds(link.jitter_ms)} jitter, ${percent(link.loss)} loss.`;
}
