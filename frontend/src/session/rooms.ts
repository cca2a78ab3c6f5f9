/** New rooms, and the links to them. */

import type { Code, LocalCode, Trouble } from "./errors";
import { GIVE_UP_MS } from "./call";
import { SignalingSocket, type SocketDeps } from "./socket";

/** Resolves to the id of a new room; rejects with a RoomTrouble. */
export function createRoom(deps: SocketDeps): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (code: Code | LocalCode, said: string | null) => {
      done();
      reject(new RoomTrouble({ code, said }));
    };
    const socket = new SignalingSocket(deps, {
      opened: () => void socket.send({ type: "create-room" }),
      received: (message) => {
        if (message.type === "room-created") {
          done();
          resolve(message.room);
        } else if (message.type === "error") {
          fail(message.code, message.message);
        }
      },
      lost: () => {},
    });
    const cancel = deps.clock.after(GIVE_UP_MS, () => fail("server-gone", null));
    const done = () => {
      cancel();
      socket.close();
    };
    socket.connect();
  });
}

export class RoomTrouble extends Error {
  readonly trouble: Trouble;

  constructor(trouble: Trouble) {
    super(trouble.code);
    this.trouble = trouble;
  }
}

const ROOM = /^\/r\/([A-Za-z0-9_-]{1,128})\/?$/;

/** The room that a path leads to; null for every other path. */
export const roomOf = (path: string): string | null => ROOM.exec(path)?.[1] ?? null;

export const linkOf = (room: string): string => `/r/${room}`;

/** Reads what somebody pasted: a whole link, its path, or the bare id. */
export function roomInText(text: string): string | null {
  const said = text.trim();
  const path = /^https?:\/\//i.test(said) && URL.canParse(said) ? new URL(said).pathname : said;
  return roomOf(path.startsWith("/") ? path : `/${path}`) ?? roomOf(`/r/${said}`);
}
