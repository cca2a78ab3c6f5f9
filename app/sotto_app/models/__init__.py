"""Models from a hub into a folder: what is known, how it comes, what is here."""
