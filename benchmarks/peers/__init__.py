"""This gateway beside others, in front of one scripted vendor: `make bench-peers`."""
