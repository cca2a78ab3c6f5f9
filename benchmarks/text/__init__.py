"""Text mode: what each of its parts does and costs."""
