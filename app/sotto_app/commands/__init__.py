"""The subcommands of `sotto`, one file each. They load what they need when they run."""
