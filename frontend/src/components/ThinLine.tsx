import styles from "./ThinLine.module.css";

/** The mark of the house: a full voice, the thin stretch, a full voice again. */
export function ThinLine() {
  return (
    <svg className={styles.line} viewBox="0 0 640 88" aria-hidden="true" focusable="false">
      <path d={WAVE_IN} />
      <path className={styles.thin} d="M216 44 H424" />
      <path d={WAVE_OUT} />
    </svg>
  );
}

const BARS = [10, 22, 38, 60, 34, 76, 48, 66, 28, 54, 36, 20, 42, 26, 14, 8];
const bar = (height: number, x: number) => `M${x} ${44 - height / 2} v${height}`;
const WAVE_IN = BARS.map((height, index) => bar(height, 8 + index * 13)).join(" ");
const WAVE_OUT = BARS.map((height, index) => bar(height, 632 - (BARS.length - 1 - index) * 13)).join(" ");
