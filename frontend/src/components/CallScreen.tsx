import { useMeter } from "../hooks/useMeter";
import { useStore } from "../hooks/useStore";
import { useTalkKeys } from "../hooks/useTalkKeys";
import type { Browser } from "../session/browser";
import type { CallSession } from "../session/call";
import { isSounding, modeOf, namesOf, type CallSnapshot } from "../session/snapshot";
import { BannerBar } from "./BannerBar";
import { BitPanel } from "./BitPanel";
import styles from "./CallScreen.module.css";
import { Captions } from "./Captions";
import controls from "./controls.module.css";
import { CopyLink } from "./CopyLink";
import { Figures } from "./Figures";
import { LinkPicker } from "./LinkPicker";
import { ModePicker } from "./ModePicker";
import { Page } from "./Page";
import { PeerCard } from "./PeerCard";
import { RemoteVoice } from "./RemoteVoice";
import { SoundSettings } from "./SoundSettings";
import { TalkBar } from "./TalkBar";
import { TextMode } from "./TextMode";
import { Wire } from "./Wire";

interface CallScreenProps {
  readonly session: CallSession;
  readonly call: CallSnapshot;
  readonly browser: Browser;
}

export function CallScreen({ session, call, browser }: CallScreenProps) {
  const settings = useStore(browser.settings);
  useTalkKeys(session, settings.keys);
  const { config, me, other } = call;
  const title = other === null ? "Waiting for the other" : `Call with ${other.name}`;
  const far = other !== null && call.stats?.far != null;
  const sendMode = modeOf(config, me?.mode);
  const heardMode = modeOf(config, call.stats?.reception.mode);

  return (
    <Page title={title} wide aside={<CopyLink strong={other === null} />}>
      <BannerBar call={call} />
      <RemoteVoice stream={call.remote} speaker={settings.speaker} />
      <div className={styles.columns}>
        <section className={styles.talk} aria-labelledby="people">
          <h2 id="people" className={controls.hidden}>
            People
          </h2>
          <div className={styles.peers}>
            <Own call={call} browser={browser} name={settings.name} />
            <Wire call={call} sendMode={sendMode} heardMode={heardMode} />
            <Their call={call} />
          </div>
          <TalkBar session={session} muted={call.muted} holding={call.holding} keys={settings.keys} />
        </section>
        <Captions session={session} call={call} names={namesOf(call, settings.name)}>
          {sendMode?.captions && (
            <TextMode
              mode={sendMode}
              sharesVoice={call.sharesVoice}
              onShare={(shared) => session.shareVoice(shared)}
            />
          )}
        </Captions>
        <section className={styles.modes} aria-label="How your voice travels">
          {config && me && (
            <ModePicker modes={config.modes} chosen={me.mode} far={far} onChoose={(mode) => session.setMode(mode)} />
          )}
          {config && (
            <LinkPicker
              links={config.links}
              chosen={call.link}
              far={far}
              onChoose={(link) => session.setLink(link)}
            />
          )}
        </section>
        <BitPanel call={call} />
        <Figures call={call} />
        <details className={styles.sound}>
          <summary>Sound and keys</summary>
          <div className={styles.soundBody}>
            <SoundSettings browser={browser} />
            <label className={controls.check}>
              <input
                type="checkbox"
                checked={settings.keys}
                onChange={(event) => browser.settings.update({ keys: event.target.checked })}
              />
              M mutes, Space held talks
            </label>
          </div>
        </details>
      </div>
    </Page>
  );
}

function Own({ call, browser, name }: { call: CallSnapshot; browser: Browser; name: string }) {
  const microphone = useStore(browser.microphone);
  const loudness = useMeter(microphone.stream);
  const sounding = isSounding(call);
  const state =
    microphone.stream === null ? "No microphone" : sounding ? (call.muted ? "Talking while held" : "Microphone on") : "Muted";
  return <PeerCard name={name} role="You" state={state} loudness={loudness} off={!sounding || microphone.stream === null} />;
}

function Their({ call }: { call: CallSnapshot }) {
  const loudness = useMeter(call.remote);
  const { other } = call;
  if (other === null) return <PeerCard name="Nobody yet" role="The other" state="Not here" loudness={null} off />;
  const state = !other.present ? "Link lost" : other.muted ? "Muted" : "Microphone on";
  return (
    <PeerCard name={other.name} role="The other" state={state} loudness={other.present ? loudness : null} off={!other.present || other.muted} />
  );
}
