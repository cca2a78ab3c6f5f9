import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

import { KINDS, SPAN_MS, type Moment } from "../session/history";
import { bitrate } from "../session/words";
import styles from "./BitStrip.module.css";

const HEIGHT = 150;

/** The last minute of bits, stacked: voice at the bottom, what carries it above. */
export function BitStrip({ past, label }: { past: readonly Moment[]; label: string }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const data = useRef<uPlot.AlignedData>(stacked([]));

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const draw = () => {
      plot.current?.destroy();
      plot.current = new uPlot(options(element), data.current, element);
    };
    draw();
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", draw);
    const resized = new ResizeObserver(() =>
      plot.current?.setSize({ width: element.clientWidth, height: HEIGHT }),
    );
    resized.observe(element);
    return () => {
      dark.removeEventListener("change", draw);
      resized.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);

  useEffect(() => {
    data.current = stacked(past);
    plot.current?.setData(data.current);
  }, [past]);

  return <div ref={box} className={styles.strip} role="img" aria-label={label} />;
}

/** Each series is the sum of its kind and all below it, so that painting them in turn stacks them. */
export function stacked(past: readonly Moment[]): uPlot.AlignedData {
  const newest_ms = past.at(-1)?.at_ms ?? 0;
  const seconds = past.map((moment) => (moment.at_ms - newest_ms) / 1000);
  const upTo = (last: number) =>
    past.map(({ bits }) => KINDS.slice(0, last + 1).reduce((sum, { bpsOf }) => sum + bpsOf(bits), 0));
  return [seconds, ...KINDS.map((_, last) => upTo(last)).reverse()];
}

function options(element: HTMLElement): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim();
  const axis: uPlot.Axis = {
    stroke: color("ink-soft"),
    grid: { stroke: color("rule"), width: 1 },
    ticks: { show: false },
    font: `12px ${style.fontFamily}`,
  };
  return {
    width: element.clientWidth || 300,
    height: HEIGHT,
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-SPAN_MS / 1000, 0] },
      y: { range: (_plot, _min, max) => [0, Math.max(1000, max * 1.1)] },
    },
    axes: [
      { ...axis, size: 28, values: (_plot, splits) => splits.map((at) => (at === 0 ? "now" : `${at} s`)) },
      { ...axis, size: 74, values: (_plot, splits) => splits.map((bps) => (bps === 0 ? "0" : bitrate(bps))) },
    ],
    series: [
      {},
      ...[...KINDS].reverse().map(({ kind }) => ({
        stroke: color(kind),
        fill: color(kind),
        width: 1,
        points: { show: false },
      })),
    ],
  };
}
