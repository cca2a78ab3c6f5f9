"""The network in torch, for loading, export and training; calls run what was exported from it."""
