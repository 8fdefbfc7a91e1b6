"""Gemini's embeddings, pictures and sound."""
