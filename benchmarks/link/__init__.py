"""What the thin link carries and what its work costs; the command is bench_link.py."""
