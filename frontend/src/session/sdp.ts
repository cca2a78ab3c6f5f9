/**
 * Sets this browser's own Opus encoder by what the far end "asks for" in its answer:
 * RFC 7587 section 6.1 (maxaveragebitrate, usedtx, useinbandfec, stereo), RFC 8866 section 6.4 (ptime).
 */

import type { Encoder } from "./config";

export function withEncoder(answer: string, encoder: Encoder): string {
  const sections = answer.split(/(?=^m=)/m);
  return sections
    .map((section) => (section.startsWith("m=audio") ? rewritten(section, encoder) : section))
    .join("");
}

function rewritten(section: string, encoder: Encoder): string {
  const lines = section.split(/\r?\n/).filter((line) => line !== "");
  const opus = lines.map((line) => /^a=rtpmap:(\d+) opus\/48000/i.exec(line)?.[1]).find(Boolean);
  if (opus === undefined) return section;
  const old = lines.find((line) => line.startsWith(`a=fmtp:${opus} `));
  const kept = lines.filter((line) => line !== old && !/^a=(max)?ptime:/.test(line));
  const at = kept.findIndex((line) => line.startsWith(`a=rtpmap:${opus} `));
  kept.splice(at + 1, 0, `a=fmtp:${opus} ${parameters(old, encoder)}`);
  kept.push(`a=ptime:${encoder.frame_ms}`, `a=maxptime:${encoder.frame_ms}`);
  return kept.map((line) => `${line}\r\n`).join("");
}

function parameters(fmtp: string | undefined, encoder: Encoder): string {
  const pairs = (fmtp?.slice(fmtp.indexOf(" ") + 1) ?? "")
    .split(";")
    .map((pair) => pair.trim().split("=") as [string, string?])
    .filter(([key]) => key !== "");
  const wanted = new Map<string, string>(pairs.map(([key, value]) => [key, value ?? ""]));
  wanted.set("minptime", "10");
  wanted.set("maxaveragebitrate", String(Math.round(encoder.bitrate_bps)));
  wanted.set("stereo", "0");
  wanted.set("usedtx", encoder.dtx ? "1" : "0");
  wanted.set("useinbandfec", encoder.fec ? "1" : "0");
  return [...wanted].map(([key, value]) => (value === "" ? key : `${key}=${value}`)).join(";");
}
