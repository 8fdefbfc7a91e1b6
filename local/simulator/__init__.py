"""Providers that are not there, on their real wire formats. Deterministic, and honest about what they are."""
