import { useState } from "react";

import { useCall } from "../hooks/useCall";
import { useStore } from "../hooks/useStore";
import type { Browser } from "../session/browser";
import { namesOf } from "../session/snapshot";
import { CallScreen } from "./CallScreen";
import { EndedScreen } from "./EndedScreen";
import { GreenRoom } from "./GreenRoom";
import { SaveTranscript } from "./SaveTranscript";
import { TroubleScreen } from "./TroubleScreen";

/** The screens of one room, one after the other. */
export function Room({ room, browser }: { room: string; browser: Browser }) {
  const { session, call } = useCall(room, browser);
  const microphone = useStore(browser.microphone);
  const { name } = useStore(browser.settings);
  const [listenOnly, setListenOnly] = useState(false);
  const again = () => {
    setListenOnly(false);
    void session.prepare();
  };

  const save = <SaveTranscript lines={call.lines} names={namesOf(call, name)} />;

  if (call.phase === "trouble" && call.trouble !== null) {
    return <TroubleScreen trouble={call.trouble} browser={browser} onRetry={again} aside={save} />;
  }
  if (call.phase === "ended" && call.ended !== null) {
    return <EndedScreen ended={call.ended} onAgain={again} aside={save} />;
  }
  if (call.phase === "call") {
    return <CallScreen session={session} call={call} browser={browser} />;
  }
  if (microphone.fault !== null && !listenOnly) {
    return (
      <TroubleScreen
        trouble={microphone.fault}
        browser={browser}
        onRetry={() => void browser.microphone.open()}
        onListen={() => setListenOnly(true)}
      />
    );
  }
  return <GreenRoom session={session} call={call} browser={browser} />;
}
