/** Tells a page that goes away for good from one that is only loaded again. */

/** A reload keeps the seat, anything else gives it back at once. */
export function watchLeaving(leave: () => void): () => void {
  let reloading = false;
  const onNavigate = (event: Event) => {
    reloading = (event as Event & { navigationType?: string }).navigationType === "reload";
  };
  // for browsers without the Navigation API
  const onKey = (event: KeyboardEvent) => {
    if (event.key === "F5" || ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "r")) {
      reloading = true;
    }
  };
  const onPageHide = () => {
    if (!reloading) leave();
  };
  const navigation = (window as { navigation?: EventTarget }).navigation;
  navigation?.addEventListener("navigate", onNavigate);
  window.addEventListener("keydown", onKey);
  window.addEventListener("pagehide", onPageHide);
  return () => {
    navigation?.removeEventListener("navigate", onNavigate);
    window.removeEventListener("keydown", onKey);
    window.removeEventListener("pagehide", onPageHide);
  };
}
