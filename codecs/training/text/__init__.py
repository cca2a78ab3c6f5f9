"""What text mode ships, made from speech and text: `english` the word model."""
