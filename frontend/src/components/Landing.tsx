import { useState, type SyntheticEvent } from "react";

import { navigate } from "../hooks/useRoute";
import type { Browser } from "../session/browser";
import type { Trouble } from "../session/errors";
import { createRoom, linkOf, roomInText, RoomTrouble } from "../session/rooms";
import controls from "./controls.module.css";
import styles from "./Landing.module.css";
import { Page } from "./Page";
import { ThinLine } from "./ThinLine";
import { TroubleScreen } from "./TroubleScreen";

export function Landing({ browser }: { browser: Browser }) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<Trouble | null>(null);

  const start = async () => {
    setBusy(true);
    setTrouble(null);
    try {
      navigate(linkOf(await createRoom(browser)));
    } catch (fault) {
      if (!(fault instanceof RoomTrouble)) throw fault;
      setTrouble(fault.trouble);
    }
    setBusy(false);
  };

  if (trouble !== null) return <TroubleScreen trouble={trouble} onRetry={() => void start()} onHome={() => setTrouble(null)} />;

  return (
    <Page title="Calls over thin links" heading="A voice call for links too thin for voice.">
      <ThinLine />
      <p className={styles.lead}>
        Two people open a link and talk. You choose how thin your voice is made, from clear and natural down to a robotic
        whisper, and change it in the middle of a sentence. Every bit that it costs is shown, headers included.
      </p>
      <div className={styles.ways}>
        <button type="button" className={controls.primary} disabled={busy} onClick={() => void start()}>
          {busy ? "Opening a room" : "Start a call"}
        </button>
        <PasteLink />
      </div>
      <p className={styles.small}>No account. A room vanishes an hour after everybody has left. The link is the key: send it only to whom you want to talk to.</p>
    </Page>
  );
}

function PasteLink() {
  const [text, setText] = useState("");
  const [wrong, setWrong] = useState(false);

  const open = (event: SyntheticEvent) => {
    event.preventDefault();
    const room = roomInText(text);
    if (room === null) setWrong(true);
    else navigate(linkOf(room));
  };

  return (
    <form className={styles.paste} onSubmit={open} noValidate>
      <label htmlFor="link">Or paste the link that you were sent</label>
      <div className={styles.row}>
        <input
          id="link"
          className={controls.field}
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={text}
          aria-invalid={wrong}
          aria-describedby={wrong ? "link-wrong" : undefined}
          onChange={(event) => {
            setText(event.target.value);
            setWrong(false);
          }}
        />
        <button type="submit" className={controls.secondary}>
          Open
        </button>
      </div>
      {wrong && (
        <p id="link-wrong" role="alert" className={controls.wrong}>
          That is not a call link. It ends in /r/ and a long word.
        </p>
      )}
    </form>
  );
}
