import { beforeEach, expect, test } from "vitest";

import { GIVE_UP_MS } from "../../src/session/call";
import { createRoom } from "../../src/session/rooms";
import { Net } from "../network";

let net: Net;
beforeEach(() => void (net = new Net()));

test("a new room is asked for, and the socket closed after it", async () => {
  const room = createRoom(net.browser);
  net.socket.open();
  expect(net.socket.got).toEqual([{ type: "create-room" }]);
  net.socket.tell({ type: "room-created", room: "new" });
  expect(await room).toBe("new");
  expect(net.socket.readyState).toBe(WebSocket.CLOSED);
});

test("a refusal is passed on", async () => {
  const room = createRoom(net.browser);
  net.socket.open();
  net.socket.tell({ type: "error", code: "server-full", message: "No more.", fatal: true });
  await expect(room).rejects.toMatchObject({ trouble: { code: "server-full", said: "No more." } });
});

test("silence is the relay being gone", async () => {
  const room = createRoom(net.browser);
  const refused = expect(room).rejects.toMatchObject({ trouble: { code: "server-gone" } });
  await net.clock.advance(GIVE_UP_MS);
  await refused;
  const tries = net.sockets.length;
  await net.clock.advance(60_000);
  expect(net.sockets.length).toBe(tries);
});
