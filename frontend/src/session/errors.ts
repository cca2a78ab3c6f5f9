/** What can go wrong, in words, and the way on from it. */

/** Every code of sotto_signaling/errors.py; a test compares the two. */
export const CODES = [
  "bad-message",
  "message-too-large",
  "rate-limited",
  "too-many-rooms",
  "too-many-sockets",
  "server-full",
  "link-full",
  "room-unknown",
  "room-full",
  "already-joined",
  "not-joined",
  "seat-taken-over",
  "silent-socket",
  "unknown-mode",
  "unknown-link",
  "bad-sdp",
  "bad-candidate",
  "unexpected-candidate",
  "unexpected-answer",
  "media-unavailable",
  "shutting-down",
  "internal",
] as const;

export type Code = (typeof CODES)[number];

/** What the page finds out by itself. */
export type LocalCode =
  | "microphone-refused"
  | "no-microphone"
  | "microphone-busy"
  | "insecure-page"
  | "unsupported-browser"
  | "server-gone"
  | "seat-gone"
  | "bad-link";

/**
 * retry: the same thing again; home: to the first page; new-call: a new room;
 * take-back: take the seat from the other tab; listen: join without a microphone; https: this page over TLS.
 */
export type Way = "retry" | "home" | "new-call" | "take-back" | "listen" | "https";

export interface Explanation {
  readonly title: string;
  readonly words: string;
  readonly ways: readonly Way[];
}

export interface Trouble {
  readonly code: Code | LocalCode;
  /** What the relay or the browser said, word for word. */
  readonly said: string | null;
}

const say = (title: string, words: string, ...ways: Way[]): Explanation => ({ title, words, ways });

export const EXPLAIN: Record<Code | LocalCode, Explanation> = {
  "bad-message": say(
    "The relay did not understand this page",
    "Page and relay are probably of different versions. Loading the page again fetches the one that fits.",
    "retry",
    "home",
  ),
  "message-too-large": say(
    "A message was too large",
    "This page sent more than the relay accepts at once. Try again; if it comes back, tell whoever runs this relay.",
    "retry",
    "home",
  ),
  "rate-limited": say(
    "Too much at once",
    "The relay asks this page to slow down. Wait a few seconds, then try again.",
    "retry",
    "home",
  ),
  "too-many-rooms": say(
    "Too many open rooms",
    "Your address has opened as many rooms as this relay allows. Rooms close by themselves when everybody has left; try again in a minute.",
    "retry",
    "home",
  ),
  "too-many-sockets": say(
    "Too many connections",
    "Your address has as many connections open as this relay allows. Close other Sotto tabs, then try again.",
    "retry",
    "home",
  ),
  "server-full": say(
    "The relay is full",
    "It carries as many calls as it can. Try again in a few minutes.",
    "retry",
    "home",
  ),
  "link-full": say(
    "The other end cannot hear you",
    "The thin link to the other relay has no room for this voice. Pick a thinner mode, or try again when another call has ended.",
    "retry",
    "home",
  ),
  "room-unknown": say(
    "There is no such room",
    "The call behind this link is over, or the link is not complete. Rooms close when everybody has left. Start a new call and send the new link.",
    "new-call",
    "home",
  ),
  "room-full": say(
    "This room is full",
    "Two people are talking here already. Try again when one has left, or start a call of your own.",
    "retry",
    "new-call",
  ),
  "already-joined": say(
    "You are in this call already",
    "This page has its seat. Loading the page again puts things in order.",
    "retry",
    "home",
  ),
  "not-joined": say(
    "You are not in the call",
    "The relay does not know this page any more. Join again.",
    "retry",
    "home",
  ),
  "seat-taken-over": say(
    "Your call goes on in another tab",
    "The same seat was taken in another tab or window. You can take it back here.",
    "take-back",
    "home",
  ),
  "silent-socket": say(
    "The relay heard nothing from this page",
    "The connection was silent for too long, so the relay closed it. Join again.",
    "retry",
    "home",
  ),
  "unknown-mode": say(
    "That mode is not known here",
    "The relay does not have this mode. Choose another one.",
    "retry",
    "home",
  ),
  "unknown-link": say(
    "That link profile is not known here",
    "The relay does not have this link profile. Choose another one.",
    "retry",
    "home",
  ),
  "bad-sdp": say(
    "The voice could not be set up",
    "The relay could not read what this browser offers for sound. Try again, or try another browser.",
    "retry",
    "home",
  ),
  "bad-candidate": say(
    "A network address was not understood",
    "The relay skipped one of this browser's network addresses. The call goes on if another one works.",
    "retry",
    "home",
  ),
  "unexpected-candidate": say(
    "A network address came too early",
    "The relay skipped one of this browser's network addresses. The call goes on if another one works.",
    "retry",
    "home",
  ),
  "unexpected-answer": say(
    "Page and relay lost step",
    "The voice connection is set up out of order. Join again.",
    "retry",
    "home",
  ),
  "media-unavailable": say(
    "This relay carries no voice",
    "It can introduce people to each other, but its voice parts are not installed. Whoever runs it can mend this.",
    "retry",
    "home",
  ),
  "shutting-down": say(
    "The relay is being restarted",
    "It will be back in a moment. Try again.",
    "retry",
    "home",
  ),
  internal: say(
    "The relay made a mistake",
    "That was not your fault. Try again; if it comes back, tell whoever runs this relay.",
    "retry",
    "home",
  ),
  "microphone-refused": say(
    "The microphone is blocked",
    "This browser does not let the page hear you. Open the permissions of this page (the sign beside the address), allow the microphone, then try again. Or join and only listen.",
    "retry",
    "listen",
    "home",
  ),
  "no-microphone": say(
    "There is no microphone",
    "Plug one in or switch on a headset, then try again. Or join and only listen.",
    "retry",
    "listen",
    "home",
  ),
  "microphone-busy": say(
    "The microphone does not start",
    "Another program may be holding it. Close that program, or choose another microphone, then try again. Or join and only listen.",
    "retry",
    "listen",
    "home",
  ),
  "insecure-page": say(
    "This page has no right to a microphone",
    "Browsers give the microphone only to pages that came over HTTPS, or from localhost. Ask whoever runs this relay to put TLS in front of it.",
    "https",
    "home",
  ),
  "unsupported-browser": say(
    "This browser cannot make calls",
    "Sotto needs WebRTC and WebSockets. A current Firefox, Chrome, Edge or Safari has both.",
    "home",
  ),
  "server-gone": say(
    "The relay does not answer",
    "Either your connection is down or the relay is. Check that other pages load, then try again.",
    "retry",
    "home",
  ),
  "seat-gone": say(
    "Your seat is gone",
    "The link was down for longer than a seat is kept, or the relay was restarted. If the other is still there, join again with the same link; if the room is gone too, start a new call.",
    "retry",
    "new-call",
    "home",
  ),
  "bad-link": say(
    "That is not a call link",
    "A call link ends in /r/ and a long word. Ask the other for it again, or start a call of your own.",
    "home",
  ),
};
