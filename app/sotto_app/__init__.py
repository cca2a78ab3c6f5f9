"""The call: media pipelines, the thin link, the web server, the command line."""
