"""A thin link between two programs on one machine: `sotto link emulate`. Needs no netem."""
