"""Interchange: a prepaid LLM gateway."""
