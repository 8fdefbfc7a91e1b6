"""Reasoning state for clients that keep only a tool call's id, name and arguments: found again from the id."""
