import { useCallback, useEffect, useRef, useState } from "react";

import controls from "./controls.module.css";

interface RemoteVoiceProps {
  readonly stream: MediaStream | null;
  readonly speaker: string | null;
}

/** The other's voice. Browsers may refuse to play before the first gesture on the page. */
export function RemoteVoice({ stream, speaker }: RemoteVoiceProps) {
  const element = useRef<HTMLAudioElement>(null);
  const [refused, setRefused] = useState(false);

  const play = useCallback(() => {
    element.current?.play().then(
      () => setRefused(false),
      (fault: unknown) => setRefused((fault as Partial<Error>).name === "NotAllowedError"),
    );
  }, []);

  useEffect(() => {
    if (element.current === null) return;
    element.current.srcObject = stream;
    if (stream !== null) play();
  }, [stream, play]);

  useEffect(() => {
    const audio = element.current;
    if (audio === null || speaker === null || !("setSinkId" in audio)) return;
    // a speaker that was unplugged since: the default one goes on
    audio.setSinkId(speaker).catch(() => {});
  }, [speaker, stream]);

  return (
    <>
      <audio ref={element} autoPlay data-testid="remote-voice" />
      {refused && (
        <button
          type="button"
          className={controls.primary}
          onClick={play}
        >
          Press to hear
        </button>
      )}
    </>
  );
}
