import type { Mode } from "../session/config";
import { bitrate, megabytes, milliseconds } from "../session/words";
import styles from "./ModePicker.module.css";

interface ModePickerProps {
  readonly modes: readonly Mode[];
  readonly chosen: string;
  /** The other is beyond a thin link, which packs otherwise than one relay does. */
  readonly far: boolean;
  readonly onChoose: (mode: string) => void;
}

export function ModePicker({ modes, chosen, far, onChoose }: ModePickerProps) {
  const widest = Math.max(1, ...modes.map((mode) => mode.wire_bps ?? 0));
  return (
    <fieldset className={styles.modes}>
      <legend>You send in</legend>
      <p className={styles.key}>
        Voice alone; megabytes per hour and bar with headers; delay of codec and packing.
        {far && " Within one relay, that is: the thin link packs tighter, and later."}
      </p>
      {modes.map((mode) => (
        <ModeRow key={mode.name} mode={mode} widest_bps={widest} checked={mode.name === chosen} onChoose={onChoose} />
      ))}
    </fieldset>
  );
}

interface ModeRowProps {
  readonly mode: Mode;
  readonly widest_bps: number;
  readonly checked: boolean;
  readonly onChoose: (mode: string) => void;
}

function ModeRow({ mode, widest_bps, checked, onChoose }: ModeRowProps) {
  const id = `mode-${mode.name}`;
  return (
    <label className={styles.row} data-checked={checked} data-available={mode.available}>
      <input
        type="radio"
        name="mode"
        value={mode.name}
        checked={checked}
        disabled={!mode.available}
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-words ${id}-cost`}
        onChange={() => onChoose(mode.name)}
      />
      <span id={`${id}-title`} className={styles.title}>
        {mode.title}
      </span>
      <span id={`${id}-cost`} className={styles.cost}>
        <span>{bitrate(mode.payload_bps)}</span>
        <span>{megabytes(mode.mb_per_hour)}/h</span>
        <span>{milliseconds(mode.delay_ms)}</span>
      </span>
      <span className={styles.bar} aria-hidden="true">
        <span className={styles.wire} style={{ width: share(mode.wire_bps, widest_bps) }} />
        <span className={styles.payload} style={{ width: share(mode.payload_bps, widest_bps) }} />
      </span>
      <span id={`${id}-words`} className={styles.words}>
        {mode.available ? mode.words : (mode.reason ?? "This relay cannot run it.")}
      </span>
    </label>
  );
}

const share = (part: number | null, whole: number): string => `${((part ?? 0) / whole) * 100}%`;
