"""One file per codec back-end; the registry loads them on demand."""
