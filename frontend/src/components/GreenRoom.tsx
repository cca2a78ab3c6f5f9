import type { SyntheticEvent } from "react";

import { useMeter } from "../hooks/useMeter";
import { useStore } from "../hooks/useStore";
import type { Browser } from "../session/browser";
import type { CallSession } from "../session/call";
import type { CallSnapshot } from "../session/snapshot";
import controls from "./controls.module.css";
import { CopyLink } from "./CopyLink";
import styles from "./GreenRoom.module.css";
import { LevelBar } from "./LevelBar";
import { Page } from "./Page";
import { SoundSettings } from "./SoundSettings";

interface GreenRoomProps {
  readonly session: CallSession;
  readonly call: CallSnapshot;
  readonly browser: Browser;
}

/** Name, microphone, level: the last look in the mirror. */
export function GreenRoom({ session, call, browser }: GreenRoomProps) {
  const { name } = useStore(browser.settings);
  const microphone = useStore(browser.microphone);
  const loudness = useMeter(microphone.stream);
  const joining = call.phase === "joining";
  const ready = call.phase === "green-room" && name.trim() !== "" && microphone.state !== "asking";

  const join = (event: SyntheticEvent) => {
    event.preventDefault();
    if (ready) session.join();
  };

  return (
    <Page title="Before you join" aside={<CopyLink />}>
      <form className={styles.form} onSubmit={join} noValidate>
        <div className={controls.labelled}>
          <label htmlFor="name">Your name</label>
          <input
            id="name"
            className={controls.field}
            required
            maxLength={40}
            autoComplete="nickname"
            value={name}
            onChange={(event) => browser.settings.update({ name: event.target.value })}
          />
        </div>
        <SoundSettings browser={browser} />
        <LevelBar
          level={loudness.level}
          words={levelWords(microphone.state, loudness.speaking)}
        />
        <div className={styles.go}>
          <button type="submit" className={controls.primary} disabled={!ready} aria-describedby="join-hint">
            {joining ? "Joining" : "Join"}
          </button>
          <p id="join-hint" role="status" className={styles.hint}>
            {hint(call.phase, name, microphone.state)}
          </p>
        </div>
      </form>
    </Page>
  );
}

function levelWords(state: string, speaking: boolean): string {
  if (state === "asking") return "Allow the microphone when your browser asks.";
  if (state !== "live") return "No microphone: you will only listen.";
  return speaking ? "We hear you." : "Say a few words; the bar should move.";
}

function hint(phase: string, name: string, microphone: string): string {
  if (phase === "preparing") return "Asking the relay what it offers.";
  if (phase === "joining") return "Taking your seat.";
  if (name.trim() === "") return "Tell the other who you are.";
  if (microphone === "asking") return "Waiting for the microphone.";
  return "";
}
