import { fileName, transcript, type Line, type Names } from "../session/captions";
import controls from "./controls.module.css";

/** A text file of what was said, made in the browser; nothing where nothing was said. */
export function SaveTranscript({ lines, names }: { lines: readonly Line[]; names: Names }) {
  if (lines.length === 0) return null;
  return (
    <button type="button" className={controls.secondary} onClick={() => save(lines, names)}>
      Save transcript
    </button>
  );
}

function save(lines: readonly Line[], names: Names): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([transcript(lines, names)], { type: "text/plain;charset=utf-8" }));
  link.download = fileName(lines);
  link.click();
  // a browser may read it only after the click
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
