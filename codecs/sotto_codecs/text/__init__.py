"""Text mode: what is said, how and by whom, and its way back to sound. Needs the extra `[text]`."""
