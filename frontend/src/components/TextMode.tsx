import controls from "./controls.module.css";

interface TextModeProps {
  readonly sharesVoice: boolean;
  readonly onShare: (shared: boolean) => void;
}

/** What a text mode does, and whether the own voice may be described there. */
export function TextMode({ sharesVoice, onShare }: TextModeProps) {
  return (
    <div>
      <p>Your words are recognised here, sent as text, and spoken again at the other end.</p>
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
        talking. They are no recording, but the other end may keep them. Without them a neutral voice speaks. This
        holds for this call.
      </p>
    </div>
  );
}
