"""The command line's grammar: one function a command. Loaded by `python -m interchange` alone, never by a function."""
