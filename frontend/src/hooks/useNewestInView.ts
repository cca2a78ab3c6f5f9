import { useLayoutEffect, useRef } from "react";

/** How far from the end a reader still counts as being there: less than a line. */
const NEAR_PX = 16;

/** Keeps the end of a scrolling box in view while `content` grows, unless the reader has scrolled away from it. */
export function useNewestInView(content: unknown) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);

  useLayoutEffect(() => {
    if (box.current && isAtEnd.current) box.current.scrollTop = box.current.scrollHeight;
  }, [content]);

  const onScroll = () => {
    if (box.current === null) return;
    const { scrollHeight, scrollTop, clientHeight } = box.current;
    isAtEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_PX;
  };
  return { box, onScroll };
}
