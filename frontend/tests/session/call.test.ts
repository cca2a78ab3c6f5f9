import { beforeEach, describe, expect, test } from "vitest";

import { CallSession, GIVE_UP_MS } from "../../src/session/call";
import { CONNECT_MS, HEAL_MS } from "../../src/session/pipeline";
import { DEAD_AFTER_MS } from "../../src/session/socket";
import { ANSWER, GRACE, joined, Net, settled, STATS } from "../network";

let net: Net;
let session: CallSession;
const now = () => session.getSnapshot();

beforeEach(() => {
  net = new Net();
  session = new CallSession("room-1", net.browser);
});

async function inGreenRoom() {
  await session.prepare();
  await settled();
}

async function inCall(peers = [GRACE]) {
  await inGreenRoom();
  session.join();
  net.socket.open();
  net.socket.tell(joined({ peers }));
  await settled();
  net.socket.tell({ type: "answer", sdp: ANSWER });
  await settled();
  net.peer.becomes("connected");
}

/** Drops the socket and brings the next one up. */
async function resume(part = {}) {
  net.socket.drop();
  await net.clock.advance(500);
  net.socket.open();
  net.socket.tell(joined({ resumed: true, peers: [GRACE], ...part }));
  await settled();
}

describe("before the call", () => {
  test("the green room opens once the relay says what it offers", async () => {
    await inGreenRoom();
    expect(now().phase).toBe("green-room");
    expect(net.browser.microphone.getSnapshot().state).toBe("live");
  });

  test("a relay that does not answer is said, and tried again", async () => {
    net.configFault = new Error("refused");
    await inGreenRoom();
    expect(now().trouble?.code).toBe("server-gone");
    net.configFault = null;
    await inGreenRoom();
    expect(now().phase).toBe("green-room");
  });

  test("joining sends name and room, then an offer, then its candidates", async () => {
    await inGreenRoom();
    session.join();
    net.socket.open();
    expect(net.socket.of("join")).toEqual([{ type: "join", room: "room-1", name: "Ada", token: null }]);
    net.socket.tell(joined());
    net.peer.onicecandidate?.({ candidate: { candidate: "host 1", sdpMid: "0", sdpMLineIndex: 0 } });
    await settled();
    const kinds = net.socket.got.map((message) => message.type);
    expect(kinds).toEqual(["join", "mute", "offer", "candidate"]);
    expect(net.peer.tracks).toEqual([net.track]);
  });

  test("no relay for ten seconds ends the try", async () => {
    await inGreenRoom();
    session.join();
    await net.clock.advance(GIVE_UP_MS);
    expect(now().trouble?.code).toBe("server-gone");
    const tries = net.sockets.length;
    await net.clock.advance(60_000);
    expect(net.sockets.length).toBe(tries);
  });

  test("a full room is said in the relay's words too, and the microphone is let go", async () => {
    await inGreenRoom();
    session.join();
    net.socket.open();
    net.socket.tell({ type: "error", code: "room-full", message: "Two people already.", fatal: false });
    expect(now().trouble).toEqual({ code: "room-full", said: "Two people already." });
    expect(net.track.stopped).toBe(true);
  });
});

describe("in the call", () => {
  test("the first answer already sets this browser's encoder", async () => {
    await inCall();
    expect(net.peer.remote[0]).toContain("maxaveragebitrate=24000");
    expect(net.peer.remote[0]).toContain("a=ptime:20");
  });

  test("a mode change sets the encoder without asking the relay", async () => {
    await inCall();
    session.setMode("opus-6k");
    expect(net.socket.of("set-mode")).toEqual([{ type: "set-mode", mode: "opus-6k" }]);
    net.socket.tell({ type: "mode-changed", peer: "p-1", mode: "opus-6k" });
    await settled();
    expect(net.peer.remote.at(-1)).toContain("maxaveragebitrate=6000");
    expect(net.peer.remote.at(-1)).toContain("a=ptime:60");
    expect(net.socket.of("offer").length).toBe(1);
    expect(net.peers.length).toBe(1);
  });

  test("many mode changes at once end in the last one", async () => {
    await inCall();
    for (const mode of ["opus-6k", "opus-24k", "opus-6k", "opus-24k", "opus-6k"]) {
      net.socket.tell({ type: "mode-changed", peer: "p-1", mode });
    }
    await settled();
    expect(net.peer.signalingState).toBe("stable");
    expect(net.peer.remote.at(-1)).toContain("maxaveragebitrate=6000");
  });

  test("the other's mode leaves our encoder alone", async () => {
    await inCall();
    net.socket.tell({ type: "mode-changed", peer: "p-2", mode: "opus-6k" });
    await settled();
    expect(net.peer.remote.length).toBe(1);
    expect(now().other?.mode).toBe("opus-6k");
    expect(now().notice).toBe("Grace now sends OPUS-6K.");
  });

  test("mute silences the track and tells the other; holding talks meanwhile", async () => {
    await inCall();
    session.setMuted(true);
    expect(net.track.enabled).toBe(false);
    session.hold(true);
    expect(net.track.enabled).toBe(true);
    session.hold(false);
    expect(net.track.enabled).toBe(false);
    session.setMuted(false);
    expect(net.track.enabled).toBe(true);
    const said = net.socket.of("mute").map((message) => message.muted);
    expect(said).toEqual([false, true, false, true, false]);
  });

  test("holding while not muted changes nothing", async () => {
    await inCall();
    session.hold(true);
    expect(now().holding).toBe(false);
    expect(net.socket.of("mute").length).toBe(1);
  });

  test("another microphone takes the place of the first, as muted as that one was", async () => {
    await inCall();
    session.setMuted(true);
    const first = net.track;
    await net.browser.microphone.choose("headset");
    await settled();
    expect(first.stopped).toBe(true);
    expect(net.track.deviceId).toBe("headset");
    expect(net.track.enabled).toBe(false);
    expect(net.peer.tracks.at(-1)).toBe(net.track);
  });

  test("a microphone that comes later than the seat is heard", async () => {
    net.devices.refuse = new DOMException("not yet", "NotAllowedError");
    await inCall();
    expect(net.socket.of("mute").map((message) => message.muted)).toEqual([true]);
    net.devices.refuse = null;
    await net.browser.microphone.open();
    await settled();
    expect(net.peer.tracks.at(-1)).toBe(net.track);
    expect(net.socket.of("mute").map((message) => message.muted)).toEqual([true, false]);
  });

  test("stats become the last minute and no more", async () => {
    await inCall();
    for (let second = 0; second < 90; second += 1) {
      net.socket.tell(STATS);
      await net.clock.advance(1000);
      if (second % 5 === 4) net.socket.tell({ type: "pong", id: second });
    }
    expect(now().stats).toEqual(STATS);
    expect(now().sentPast.length).toBeLessThanOrEqual(61);
    expect(now().receivedPast.at(-1)?.bits).toEqual(STATS.received);
  });

  test("the page's own delay comes from the browser's statistics", async () => {
    await inCall();
    net.peer.stats.push(
      { id: "T", type: "transport", selectedCandidatePairId: "P" },
      { id: "P", type: "candidate-pair", currentRoundTripTime: 0.03 },
      { id: "I", type: "inbound-rtp", kind: "audio", jitterBufferDelay: 2.4, jitterBufferEmittedCount: 48 },
    );
    await net.clock.advance(1000);
    expect(now().page?.half_rtt_ms).toBeCloseTo(15);
    expect(now().page?.buffer_ms).toBeCloseTo(50);
  });

  test("an unknown mode is told, and the call goes on", async () => {
    await inCall();
    net.socket.tell({ type: "error", code: "unknown-mode", message: "No such mode.", fatal: false });
    expect(now().phase).toBe("call");
    expect(now().notice).toContain("No such mode.");
  });

  test("text that is no message is passed over", async () => {
    await inCall();
    for (const text of ["", "{", "[]", '{"type":"stats"}']) net.socket.tellText(text);
    expect(now().phase).toBe("call");
  });
});

describe("the link to the relay", () => {
  test("a drop is said with its countdown, and the seat is taken again with the token", async () => {
    await inCall();
    net.socket.drop();
    expect(now()).toMatchObject({ online: false, seatUntil_ms: net.clock.now() + 60_000 });
    await net.clock.advance(500);
    net.socket.open();
    expect(net.socket.of("join")[0]?.token).toBe("secret");
    net.socket.tell(joined({ resumed: true, peers: [GRACE] }));
    expect(now()).toMatchObject({ online: true, seatUntil_ms: null, phase: "call" });
  });

  test("a voice that still stands is kept", async () => {
    await inCall();
    await resume();
    expect(net.peers.length).toBe(1);
    expect(net.socket.of("offer")).toEqual([]);
  });

  test("a voice that fell meanwhile is built anew", async () => {
    await inCall();
    net.socket.drop();
    net.peer.becomes("failed");
    await net.clock.advance(500);
    expect(net.peers.length).toBe(1); // nobody to offer to yet
    net.socket.open();
    net.socket.tell(joined({ resumed: true, peers: [GRACE] }));
    await settled();
    expect(net.peers.length).toBe(2);
    expect(net.socket.of("offer").length).toBe(1);
  });

  test("tries come after 0.5, 1, 2, 4, 5, 5 seconds", async () => {
    await inCall();
    net.socket.drop();
    const waits: number[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const before = { at: net.clock.now(), count: net.sockets.length };
      while (net.sockets.length === before.count) await net.clock.advance(100);
      waits.push(net.clock.now() - before.at);
      net.socket.drop();
    }
    expect(waits).toEqual([500, 1000, 2000, 4000, 5000, 5000]);
  });

  test("a seat that ran out is said", async () => {
    await inCall();
    net.socket.drop();
    await net.clock.advance(60_000);
    expect(now().trouble?.code).toBe("seat-gone");
    expect(net.peer.connectionState).toBe("closed");
  });

  test("a room that is gone on return is the end of the seat", async () => {
    await inCall();
    net.socket.drop();
    await net.clock.advance(500);
    net.socket.open();
    net.socket.tell({ type: "error", code: "room-unknown", message: "No such room.", fatal: false });
    expect(now().trouble?.code).toBe("seat-gone");
    expect(sessionStorage.length).toBe(0);
  });

  test("a new seat on return has a new voice", async () => {
    await inCall();
    await resume({ resumed: false });
    expect(net.peers.length).toBe(2);
  });

  test("a ping without a pong means that nobody is there", async () => {
    await inCall();
    await net.clock.advance(5000);
    expect(net.socket.of("ping").length).toBe(1);
    net.socket.tell({ type: "pong", id: 1 });
    await net.clock.advance(5000);
    expect(now().online).toBe(true);
    await net.clock.advance(DEAD_AFTER_MS);
    expect(now().online).toBe(false);
  });

  test("a relay that restarts is waited for", async () => {
    await inCall();
    net.socket.tell({ type: "error", code: "shutting-down", message: "Bye.", fatal: true });
    await resume();
    expect(now()).toMatchObject({ phase: "call", online: true });
  });

  test("another tab takes the seat; it can be taken back", async () => {
    await inCall();
    net.socket.tell({ type: "error", code: "seat-taken-over", message: "Elsewhere.", fatal: true });
    expect(now().trouble?.code).toBe("seat-taken-over");
    const tries = net.sockets.length;
    await net.clock.advance(30_000);
    expect(net.sockets.length).toBe(tries);
    await session.prepare();
    net.socket.open();
    expect(net.socket.of("join")[0]?.token).toBe("secret");
  });

  test("a reload takes the seat again, and the talk goes on counting", async () => {
    await inCall();
    await net.clock.advance(3000);
    session.close();
    const reloaded = new CallSession("room-1", net.browser);
    await reloaded.prepare();
    net.socket.open();
    expect(net.socket.of("join")[0]?.token).toBe("secret");
    net.socket.tell(joined({ resumed: true, peers: [GRACE] }));
    expect(reloaded.getSnapshot().talkingSince_ms).toBe(net.clock.now() - 3000);
    reloaded.close();
  });
});

describe("the voice", () => {
  test("failed: built anew, a little later each time", async () => {
    await inCall();
    net.peer.becomes("failed");
    expect(now().voice).toBe("lost");
    await net.clock.advance(500);
    expect(net.peers.length).toBe(2);
    net.peer.becomes("failed");
    await net.clock.advance(500);
    expect(net.peers.length).toBe(2);
    await net.clock.advance(500);
    expect(net.peers.length).toBe(3);
  });

  test("disconnected may heal by itself", async () => {
    await inCall();
    net.peer.becomes("disconnected");
    await net.clock.advance(HEAL_MS - 1);
    net.peer.becomes("connected");
    await net.clock.advance(HEAL_MS);
    expect(net.peers.length).toBe(1);
  });

  test("disconnected for four seconds is given up", async () => {
    await inCall();
    net.peer.becomes("disconnected");
    await net.clock.advance(HEAL_MS);
    expect(net.peers.length).toBe(2);
  });

  test("an answer that never comes is asked for again", async () => {
    await inGreenRoom();
    session.join();
    net.socket.open();
    net.socket.tell(joined());
    for (const id of [1, 2]) {
      await net.clock.advance(CONNECT_MS / 2);
      net.socket.tell({ type: "pong", id });
    }
    expect(net.peers.length).toBe(2);
  });

  test.each(["garbage", ""])("an answer of %j is survived", async (sdp) => {
    await inGreenRoom();
    session.join();
    net.socket.open();
    net.socket.tell(joined());
    await settled();
    net.socket.tell({ type: "answer", sdp });
    await net.clock.advance(500);
    expect(net.peers.length).toBe(2);
    expect(now().phase).toBe("call");
  });

  test("a second answer changes nothing", async () => {
    await inCall();
    net.socket.tell({ type: "answer", sdp: ANSWER });
    await settled();
    expect(net.peer.remote.length).toBe(1);
    expect(net.peers.length).toBe(1);
  });
});

describe("the own voice, described", () => {
  const agreed = () => net.socket.of("share-voice").map(({ shared }) => shared);

  test("nothing is said of it until it is agreed to", async () => {
    await inCall();
    await resume({ resumed: false });
    expect([now().sharesVoice, agreed()]).toEqual([false, []]);
  });

  test("a relay that forgot the seat is told again", async () => {
    await inCall();
    session.shareVoice(true);
    expect(agreed()).toEqual([true]);
    await resume({ resumed: false });
    expect([now().sharesVoice, agreed()]).toEqual([true, [true]]);
  });

  test("what is taken back while the link is lost is taken back when it returns", async () => {
    await inCall();
    session.shareVoice(true);
    net.socket.drop();
    session.shareVoice(false);
    await net.clock.advance(500);
    net.socket.open();
    net.socket.tell(joined({ resumed: true, peers: [GRACE] }));
    expect([now().sharesVoice, agreed()]).toEqual([false, [false]]);
  });

  test.each([true, false])("a page that is loaded again knows what was agreed to, if its seat is there: %s", async (resumed) => {
    await inCall();
    session.shareVoice(true);
    session = new CallSession("room-1", net.browser);
    await inGreenRoom();
    net.socket.open();
    net.socket.tell(joined({ resumed, peers: [GRACE] }));
    expect([now().sharesVoice, agreed()]).toEqual([resumed, resumed ? [true] : []]);
  });
});

describe("the end", () => {
  test("hanging up tells the relay and what it cost", async () => {
    await inCall();
    net.socket.tell(STATS);
    await net.clock.advance(4000);
    session.leave();
    expect(net.socket.of("leave").length).toBe(1);
    expect(now()).toMatchObject({
      phase: "ended",
      ended: { by: "me", otherName: "Grace", talked_ms: 4000, sentBytes: 212_000, receivedBytes: 1_500_000 },
    });
    expect(net.track.stopped).toBe(true);
    expect(net.peer.connectionState).toBe("closed");
    expect(sessionStorage.length).toBe(0);
  });

  test.each([
    ["left", "other"],
    ["timeout", "timeout"],
  ] as const)("the other is gone (%s)", async (reason, by) => {
    await inCall();
    net.socket.tell({ type: "peer-left", peer: "p-2", reason });
    expect(now().ended?.by).toBe(by);
    expect(net.socket.of("leave").length).toBe(1);
  });

  test("nobody came: no time of talk is made up", async () => {
    await inCall([]);
    await net.clock.advance(3000);
    session.leave();
    expect(now().ended).toMatchObject({ talked_ms: null, sentBytes: null });
  });

  test("after the end nothing goes on", async () => {
    await inCall();
    session.leave();
    const sockets = net.sockets.length;
    await net.clock.advance(120_000);
    expect([net.sockets.length, net.peers.length]).toEqual([sockets, 1]);
  });

  test("calling again starts in the green room", async () => {
    await inCall();
    session.leave();
    await inGreenRoom();
    expect(now()).toMatchObject({ phase: "green-room", ended: null, stats: null });
  });
});

test("a dropped peer is shown until it is back", async () => {
  await inCall();
  net.socket.tell({ type: "peer-dropped", peer: "p-2", seat_kept_s: 60 });
  expect(now().other).toMatchObject({ present: false, seatUntil_ms: net.clock.now() + 60_000 });
  net.socket.tell({ type: "peer-resumed", peer: "p-2" });
  expect(now().other).toMatchObject({ present: true, seatUntil_ms: null });
});
