"""Engines of text to speech behind `speaking.Synthesiser`."""
