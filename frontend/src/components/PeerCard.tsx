import type { Loudness } from "../session/meter";
import styles from "./PeerCard.module.css";

interface PeerCardProps {
  readonly name: string;
  readonly role: string;
  readonly state: string;
  /** Null where nothing can be heard. */
  readonly loudness: Loudness | null;
  readonly off: boolean;
}

export function PeerCard({ name, role, state, loudness, off }: PeerCardProps) {
  const speaking = loudness?.speaking === true && !off;
  return (
    <div className={styles.card} data-speaking={speaking} data-off={off}>
      <div className={styles.lamp} aria-hidden="true">
        <div className={styles.glow} style={{ transform: `scale(${0.4 + 0.6 * (off ? 0 : (loudness?.level ?? 0))})` }} />
      </div>
      <div className={styles.who}>
        <p className={styles.role}>{role}</p>
        <p className={styles.name}>{name}</p>
        <p className={styles.state}>{speaking ? "Speaking" : state}</p>
      </div>
    </div>
  );
}
