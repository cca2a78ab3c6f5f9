/**
 * A link away from the page gives the seat back at once. A reload and a closed tab look the same to a page;
 * after both the browser closes the socket as "going away", and the relay keeps the seat for a reload only.
 */
export function watchLeaving(leave: () => void): () => void {
  // the Navigation API; where it is missing the seat runs out
  const navigation = (window as { navigation?: EventTarget }).navigation;
  let away = false;
  const onNavigate = (event: Event) => {
    const { navigationType, destination } = event as NavigateEvent;
    away = navigationType !== "reload" && !destination.sameDocument;
  };
  const onPageHide = () => {
    if (away) leave();
  };
  navigation?.addEventListener("navigate", onNavigate);
  window.addEventListener("pagehide", onPageHide);
  return () => {
    navigation?.removeEventListener("navigate", onNavigate);
    window.removeEventListener("pagehide", onPageHide);
  };
}
