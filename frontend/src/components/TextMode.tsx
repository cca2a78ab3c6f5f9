import type { Mode } from "../session/config";
import { bitrate, megabytes } from "../session/words";
import controls from "./controls.module.css";

interface TextModeProps {
  readonly mode: Mode;
  readonly sharesVoice: boolean;
  readonly onShare: (shared: boolean) => void;
}

/** What a text mode does, and whether the own voice may be described there. */
export function TextMode({ mode, sharesVoice, onShare }: TextModeProps) {
  return (
    <div>
      <p>
        Your words are recognised here, sent as text, and spoken again at the other end, a phrase at a time. A pause
        ends a phrase. Some words will be wrong: what stands under “What is said” is what the other gets.
      </p>
      <p className={controls.hint}>
        While you talk this takes up to {bitrate(mode.wire_bps)} with all headers, {megabytes(mode.mb_per_hour)} an
        hour; silence takes next to nothing.
        {mode.hears !== null && ` Words are recognised by ${mode.hears}`}
        {mode.speaks !== null && `, and those of the other spoken here by ${mode.speaks}.`}
      </p>
      <label className={controls.check}>
        <input
          type="checkbox"
          checked={sharesVoice}
          aria-describedby="voice-words"
          onChange={(event) => onShare(event.target.checked)}
        />
        Describe my voice to the other end
      </label>
      <p id="voice-words" className={controls.hint}>
        At most 64 bytes that say how your voice sounds (pitch, tone) then leave, so that the other hears who is
        talking. They are no recording. But where the other end can speak with a copy of a voice, a recording follows: a
        few seconds of what you say in this call. The relays remember the last of both until they are started again,
        without names, so that a known voice need not be sent twice. Without them a neutral voice speaks. Take the tick
        away, and nothing more of your voice leaves. This holds for this call.
      </p>
    </div>
  );
}
