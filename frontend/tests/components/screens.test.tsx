import { act, fireEvent, render, screen, within } from "@testing-library/react";
import axe from "axe-core";
import { beforeEach, describe, expect, test, vi } from "vitest";

import { App } from "../../src/components/App";
import { TroubleScreen } from "../../src/components/TroubleScreen";
import { EXPLAIN } from "../../src/session/errors";
import { ANSWER, CONFIG, GRACE, joined, Net, settled, STATS } from "../network";

let net: Net;
beforeEach(() => {
  net = new Net();
  Object.assign(window, { RTCPeerConnection: () => null });
});

async function show(path: string) {
  history.replaceState(null, "", path);
  await act(async () => {
    render(<App browser={net.browser} />);
    await settled();
  });
}

const doing = (what: () => unknown) =>
  act(async () => {
    what();
    await settled();
  });

const press = (name: string) => doing(() => fireEvent.click(screen.getByRole("button", { name })));
const title = () => screen.getByRole("heading", { level: 1 }).textContent;

async function inCall() {
  await show("/r/room-1");
  await press("Join");
  await doing(() => net.socket.open());
  await doing(() => net.socket.tell(joined({ peers: [GRACE] })));
  await doing(() => net.socket.tell({ type: "answer", sdp: ANSWER }));
  await doing(() => net.peer.becomes("connected"));
  await doing(() => net.socket.tell(STATS));
}

/** Contrast needs pixels: the real-browser tests check it. */
async function expectAccessible() {
  const { violations } = await axe.run(document, {
    rules: { "color-contrast": { enabled: false } },
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
  });
  expect(violations.map(({ id, nodes }) => [id, nodes.map((node) => node.html)])).toEqual([]);
}

beforeEach(() => {
  document.documentElement.lang = "en";
});

describe("landing", () => {
  test("is accessible, and a new room leads to its green room", async () => {
    await show("/");
    await expectAccessible();
    await press("Start a call");
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell({ type: "room-created", room: "fresh" }));
    expect(location.pathname).toBe("/r/fresh");
    expect(title()).toBe("Before you join");
    expect(document.title).toBe("Before you join · Sotto");
  });

  test("a pasted link leads to its room, another text is refused in words", async () => {
    await show("/");
    const field = screen.getByLabelText("Or paste the link that you were sent");
    fireEvent.change(field, { target: { value: "not a link" } });
    await press("Open");
    expect(screen.getByRole("alert").textContent).toContain("not a call link");
    await expectAccessible();
    fireEvent.change(field, { target: { value: "https://x.org/r/theirs" } });
    await press("Open");
    expect(location.pathname).toBe("/r/theirs");
  });

  test("a refusal is a screen with a way on", async () => {
    await show("/");
    await press("Start a call");
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell({ type: "error", code: "too-many-rooms", message: "Ten.", fatal: false }));
    expect(title()).toBe(EXPLAIN["too-many-rooms"].title);
    await press("To the start");
    expect(screen.getByRole("button", { name: "Start a call" })).toBeTruthy();
  });
});

describe("green room", () => {
  test("is accessible; nobody joins without a name", async () => {
    await show("/r/room-1");
    await expectAccessible();
    const join = screen.getByRole<HTMLButtonElement>("button", { name: "Join" });
    expect(join.disabled).toBe(false);
    fireEvent.change(screen.getByLabelText("Your name"), { target: { value: "  " } });
    expect(join.disabled).toBe(true);
    expect(screen.getByRole("status").textContent).toBe("Tell the other who you are.");
  });

  test("a refused microphone is a screen; only listening is a way on", async () => {
    net.devices.refuse = new DOMException("denied", "NotAllowedError");
    await show("/r/room-1");
    expect(title()).toBe("The microphone is blocked");
    await expectAccessible();
    await press("Only listen");
    expect(title()).toBe("Before you join");
    await press("Join");
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell(joined()));
    expect(net.peer.tracks).toEqual(["audio"]);
    expect(net.socket.of("mute")).toEqual([{ type: "mute", muted: true }]);
    expect(screen.getByText("No microphone")).toBeTruthy();
  });

  test("a microphone that is allowed after all", async () => {
    net.devices.refuse = new DOMException("denied", "NotAllowedError");
    await show("/r/room-1");
    net.devices.refuse = null;
    await press("Try again");
    expect(title()).toBe("Before you join");
  });
});

describe("call", () => {
  test("is accessible, alone and together", async () => {
    await inCall();
    await expectAccessible();
    expect(title()).toBe("Call with Grace");
    await doing(() => net.socket.tell({ type: "peer-dropped", peer: "p-2", seat_kept_s: 60 }));
    expect(screen.getByRole("alert").textContent).toContain("The link of Grace is lost.");
    await expectAccessible();
  });

  test("every mode shows what it costs; one that cannot run says why", async () => {
    await inCall();
    const picker = screen.getByRole("group", { name: "You send in" });
    expect(within(picker).getAllByRole("radio").length).toBe(CONFIG.modes.length);
    const six = within(picker).getByRole("radio", { name: "OPUS-6K" });
    const described = (six.getAttribute("aria-describedby") ?? "")
      .split(" ")
      .map((id) => document.getElementById(id)?.textContent);
    expect(described.join(" ")).toBe("Words of opus-6k. 6.0 kbit/s4.0 MB/h60 ms");
    const thin = within(picker).getByRole<HTMLInputElement>("radio", { name: "THIN" });
    expect(thin.disabled).toBe(true);
    expect(screen.getByText("Install it with pip install sotto-call[thin].")).toBeTruthy();
  });

  test("a choice is asked for, and shown when the relay says so", async () => {
    await inCall();
    const six = screen.getByRole<HTMLInputElement>("radio", { name: "OPUS-6K" });
    await doing(() => fireEvent.click(six));
    expect(net.socket.of("set-mode")).toEqual([{ type: "set-mode", mode: "opus-6k" }]);
    expect(six.checked).toBe(false);
    await doing(() => net.socket.tell({ type: "mode-changed", peer: "p-1", mode: "opus-6k" }));
    expect(six.checked).toBe(true);
    expect(screen.getByText("You now send OPUS-6K.")).toBeTruthy();
  });

  test("the link is chosen for both, with its words", async () => {
    await inCall();
    const select = screen.getByLabelText("The link between you, for both");
    await doing(() => fireEvent.change(select, { target: { value: "hf" } }));
    expect(net.socket.of("set-link")).toEqual([{ type: "set-link", link: "hf" }]);
    await doing(() => net.socket.tell({ type: "link-changed", link: "hf" }));
    expect(screen.getByText(/^Fading\. 2\.4 kbit\/s, 120 ms one way, 60 ms jitter, 5\.0 % loss\.$/)).toBeTruthy();
  });

  test("the bits are the relay's, in both directions", async () => {
    await inCall();
    const words = screen.getByTestId("bits-in-words");
    expect(words.textContent).toBe("You send 2.4 kbit/s, 1.1 MB per hour. 212 kB so far.");
    await press("You get");
    expect(words.textContent).toBe("You get 25.6 kbit/s, 12 MB per hour. 1.5 MB so far.");
    expect(screen.getByText(CONFIG.header_words)).toBeTruthy();
    expect(screen.getByText("1.2 %")).toBeTruthy();
  });

  test("before the first stats every figure is a dash", async () => {
    await show("/r/room-1");
    await press("Join");
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell(joined()));
    expect(screen.getByTestId("bits-in-words").textContent).toBe("You send –");
    const arrives = screen.getByRole("region", { name: "How it arrives" });
    const figures = /\d+(\.\d+)? (ms|%)/;
    expect(arrives.textContent).not.toMatch(figures);
    const nothing = { mode: null, delay_ms: null, jitter_ms: 0, buffer_ms: 0, loss: 0, concealed: 0 };
    await doing(() => net.socket.tell({ ...STATS, reception: nothing }));
    expect(arrives.textContent).not.toMatch(figures);
    await expectAccessible();
  });

  test("press and hold talks while muted", async () => {
    await inCall();
    await press("Mute");
    const hold = screen.getByRole("button", { name: /Hold to talk/ });
    hold.setPointerCapture = () => {};
    await doing(() => fireEvent.pointerDown(hold));
    expect(net.track.enabled).toBe(true);
    await doing(() => fireEvent.pointerUp(hold));
    expect(net.track.enabled).toBe(false);
    await doing(() => fireEvent.keyDown(hold, { key: "Enter" }));
    expect(net.track.enabled).toBe(true);
    await doing(() => fireEvent.blur(hold));
    expect(net.track.enabled).toBe(false);
  });

  test("a lost link is said at once", async () => {
    await inCall();
    await doing(() => net.socket.drop());
    expect(screen.getByRole("alert").textContent).toBe("Link lost. Reconnecting; your seat is kept for 60 s.");
    expect(screen.getByText(/^\d+ s left$/)).toBeTruthy();
    await expectAccessible();
  });

  test("a browser that refuses to play is asked again by a button", async () => {
    const refusal = new DOMException("no gesture yet", "NotAllowedError");
    const play = vi.spyOn(HTMLMediaElement.prototype, "play").mockRejectedValue(refusal);
    await inCall();
    await doing(() => net.peer.ontrack?.({ streams: [new MediaStream()], track: null }));
    play.mockResolvedValue();
    await press("Press to hear");
    expect(screen.queryByRole("button", { name: "Press to hear" })).toBeNull();
  });

  test("leaving shows what it cost, and calling again goes to the green room", async () => {
    await inCall();
    await press("Leave");
    expect(title()).toBe("Call ended");
    expect(screen.getByText("You hung up.")).toBeTruthy();
    expect(screen.getByText("212 kB")).toBeTruthy();
    await expectAccessible();
    await press("Call again");
    expect(title()).toBe("Before you join");
  });

  test("the back button gives the seat back", async () => {
    await inCall();
    await doing(() => {
      history.pushState(null, "", "/");
      window.dispatchEvent(new PopStateEvent("popstate"));
    });
    expect(net.socket.of("leave").length).toBe(1);
    expect(net.track.stopped).toBe(true);
  });
});

describe("trouble", () => {
  test.each(Object.keys(EXPLAIN) as (keyof typeof EXPLAIN)[])("%s is accessible and has a way on", async (code) => {
    render(<TroubleScreen trouble={{ code, said: "Said so." }} onListen={() => {}} />);
    expect(title()).toBe(EXPLAIN[code].title);
    const ways = screen.getAllByRole("button").length + screen.queryAllByRole("link").length;
    expect(ways).toBe(EXPLAIN[code].ways.length);
    await expectAccessible();
  });

  test("a path that is no call, and a browser that cannot call", async () => {
    await show("/elsewhere");
    expect(title()).toBe("That is not a call link");
    Reflect.deleteProperty(window, "RTCPeerConnection");
    await show("/");
    expect(screen.getByText("This browser cannot make calls")).toBeTruthy();
  });

  test("no such room: a new call is a way on", async () => {
    await show("/r/room-1");
    await press("Join");
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell({ type: "error", code: "room-unknown", message: "None.", fatal: false }));
    expect(title()).toBe("There is no such room");
    await press("Start a new call");
    await doing(() => net.socket.open());
    await doing(() => net.socket.tell({ type: "room-created", room: "fresh" }));
    expect(location.pathname).toBe("/r/fresh");
  });
});
