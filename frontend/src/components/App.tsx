import { usePath } from "../hooks/useRoute";
import { canCall, type Browser } from "../session/browser";
import { roomOf } from "../session/rooms";
import { Landing } from "./Landing";
import { Room } from "./Room";
import { TroubleScreen } from "./TroubleScreen";

export function App({ browser }: { browser: Browser }) {
  const path = usePath();
  const room = roomOf(path);
  if (!canCall()) return <TroubleScreen trouble={{ code: "unsupported-browser", said: null }} />;
  if (room !== null) return <Room key={room} room={room} browser={browser} />;
  if (path !== "/") return <TroubleScreen trouble={{ code: "bad-link", said: null }} />;
  return <Landing browser={browser} />;
}
