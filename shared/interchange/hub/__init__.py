"""The hub: canonical request, events and response, richer than any protocol. Standard library only."""
