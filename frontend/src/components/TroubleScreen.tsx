import type { ReactNode } from "react";

import { navigate } from "../hooks/useRoute";
import type { Browser } from "../session/browser";
import { EXPLAIN, type Trouble, type Way } from "../session/errors";
import { createRoom, linkOf } from "../session/rooms";
import controls from "./controls.module.css";
import { Page } from "./Page";
import styles from "./TroubleScreen.module.css";

interface TroubleScreenProps {
  readonly trouble: Trouble;
  readonly browser?: Browser;
  readonly aside?: ReactNode;
  readonly onRetry?: () => void;
  readonly onListen?: () => void;
  readonly onHome?: () => void;
}

/** Something is in the way: what it is, and every way on. */
export function TroubleScreen({ trouble, browser, aside, onRetry, onListen, onHome }: TroubleScreenProps) {
  const { title, words, ways } = EXPLAIN[trouble.code];
  const home = onHome ?? (() => navigate("/"));
  const retry = onRetry ?? (() => location.reload());
  const newCall = () => {
    if (browser === undefined) home();
    // the first page tells what is wrong when this fails too
    else void createRoom(browser).then((room) => navigate(linkOf(room)), home);
  };
  const offers: Record<Way, ReactNode> = {
    retry: offer("Try again", retry),
    "take-back": offer("Take it back here", retry),
    "new-call": offer("Start a new call", newCall),
    listen: onListen && offer("Only listen", onListen),
    home: offer("To the start", home),
    https: <OverTls key="https" />,
  };
  return (
    <Page title={title} aside={aside}>
      <p className={styles.words}>{words}</p>
      <div className={styles.ways}>{ways.map((way) => offers[way])}</div>
      {trouble.said !== null && trouble.said !== "" && (
        <p className={styles.said}>
          In its own words: <q>{trouble.said}</q>
        </p>
      )}
    </Page>
  );
}

/** The first way on is the likely one: the style sheet makes it the strong one. */
const offer = (words: string, onClick: () => void) => (
  <button key={words} type="button" className={styles.way} onClick={onClick}>
    {words}
  </button>
);

function OverTls() {
  return (
    <>
      <a className={controls.primary} href={`https://${location.hostname}${location.pathname}`}>
        Open this page over HTTPS
      </a>
      <p className={styles.said}>
        For whoever runs this relay: <code>docker compose --profile tls up</code> puts Caddy in front of it;{" "}
        <code>docs/operations.md</code> in the source says the rest. On the relay's own machine,{" "}
        <code>http://localhost</code> works without TLS.
      </p>
    </>
  );
}
