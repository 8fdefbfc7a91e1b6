"""The server faces, one module a family."""
