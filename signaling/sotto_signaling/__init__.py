"""Who talks to whom: rooms, messages, server. Start at `messages`, then `rooms`."""
