import { useStore } from "../hooks/useStore";
import type { Browser } from "../session/browser";
import controls from "./controls.module.css";

/** Microphone, clean-up, speaker. */
export function SoundSettings({ browser }: { browser: Browser }) {
  const { cleanUp, speaker } = useStore(browser.settings);
  const { microphones, speakers, deviceId, state } = useStore(browser.microphone);
  const canPickSpeaker = "setSinkId" in HTMLMediaElement.prototype && speakers.length > 0;

  return (
    <>
      <DevicePicker
        id="microphone"
        label="Microphone"
        devices={microphones}
        chosen={deviceId}
        disabled={state !== "live"}
        onChoose={(id) => void browser.microphone.choose(id)}
      />
      <label className={controls.check}>
        <input
          type="checkbox"
          checked={cleanUp}
          onChange={(event) => void browser.microphone.setCleanUp(event.target.checked)}
        />
        Clean up my sound (echo, noise, level)
      </label>
      {canPickSpeaker && (
        <DevicePicker
          id="speaker"
          label="Speaker"
          devices={speakers}
          chosen={speaker ?? "default"}
          onChoose={(id) => browser.settings.update({ speaker: id })}
        />
      )}
    </>
  );
}

interface DevicePickerProps {
  readonly id: string;
  readonly label: string;
  readonly devices: readonly MediaDeviceInfo[];
  readonly chosen: string | null;
  readonly disabled?: boolean;
  readonly onChoose: (deviceId: string) => void;
}

function DevicePicker({ id, label, devices, chosen, disabled = false, onChoose }: DevicePickerProps) {
  const known = devices.some((device) => device.deviceId === chosen);
  return (
    <div className={controls.labelled}>
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        className={controls.field}
        value={known && chosen !== null ? chosen : (devices[0]?.deviceId ?? "")}
        disabled={disabled || devices.length === 0}
        onChange={(event) => onChoose(event.target.value)}
      >
        {devices.length === 0 && <option value="">None found</option>}
        {devices.map((device, index) => (
          <option key={device.deviceId} value={device.deviceId}>
            {device.label || `${label} ${index + 1}`}
          </option>
        ))}
      </select>
    </div>
  );
}
