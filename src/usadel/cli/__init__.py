"""The command line: thin, over the public API, quick to answer because each command imports what it needs."""
