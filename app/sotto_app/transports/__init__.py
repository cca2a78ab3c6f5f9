"""Ways for datagrams to the other end: memory, UDP, WebRTC data channel, KISS. All I/O is here."""
