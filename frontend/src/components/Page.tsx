import type { ReactNode } from "react";

import { useScreen } from "../hooks/useScreen";
import styles from "./Page.module.css";

interface PageProps {
  /** The heading of the screen, also the title of the tab. */
  readonly title: string;
  readonly heading?: ReactNode;
  readonly wide?: boolean;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** What every screen has: the mark, one heading, one main part. */
export function Page({ title, heading, wide = false, aside, children }: PageProps) {
  const ref = useScreen(title);
  return (
    <div className={wide ? styles.wide : styles.narrow}>
      <header className={styles.top}>
        <p className={styles.mark}>
          <span aria-hidden="true" className={styles.wave} />
          Sotto
        </p>
        {aside}
      </header>
      <main className={styles.main}>
        <h1 ref={ref} tabIndex={-1} className={styles.heading}>
          {heading ?? title}
        </h1>
        {children}
      </main>
    </div>
  );
}
