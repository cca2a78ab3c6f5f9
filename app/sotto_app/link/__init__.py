"""The thin link without I/O: packets, jitter, bits. Bytes and `now` in, events and bytes out."""
