import styles from "./LevelBar.module.css";

/** A level meter; what it means stands beside it in words. */
export function LevelBar({ level, words }: { level: number; words: string }) {
  return (
    <div className={styles.meter}>
      <div className={styles.track} aria-hidden="true">
        <div className={styles.fill} style={{ transform: `scaleX(${level})` }} />
      </div>
      <p className={styles.words}>{words}</p>
    </div>
  );
}
