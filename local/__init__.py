"""The laptop: every family behind one port, an embedded table, and simulators of the providers whose key is not set."""
