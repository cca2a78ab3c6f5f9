/** Numbers as people say them. What is not known is a dash, never a zero. */

export const UNKNOWN = "–";

type Known = number | null | undefined;

const rounded = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1).replace(/\.0$/, "") : value.toFixed(1);

export function bitrate(bps: Known): string {
  if (bps == null) return UNKNOWN;
  if (bps < 999.5) return `${bps.toFixed(0)} bit/s`;
  return bps < 1e6 ? `${rounded(bps / 1e3)} kbit/s` : `${rounded(bps / 1e6)} Mbit/s`;
}

export function bytes(count: Known): string {
  if (count == null) return UNKNOWN;
  if (count < 1000) return `${count} bytes`;
  return count < 1e6 ? `${rounded(count / 1e3)} kB` : `${rounded(count / 1e6)} MB`;
}

export const megabytesPerHour = (bps: Known): string =>
  bps == null ? UNKNOWN : megabytes((bps * 3600) / 8 / 1e6);

export const megabytes = (count: Known): string =>
  count == null ? UNKNOWN : `${count < 10 ? count.toFixed(1) : count.toFixed(0)} MB`;

export const milliseconds = (ms: Known): string =>
  ms == null ? UNKNOWN : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;

export function percent(share: Known): string {
  if (share == null) return UNKNOWN;
  return share > 0 && share < 0.1 ? `${(share * 100).toFixed(1)} %` : `${(share * 100).toFixed(0)} %`;
}

export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts: [number, string][] = [
    [Math.floor(seconds / 3600), "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ];
  const said = parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`);
  return said.length > 0 ? said.join(" ") : "0 s";
}
