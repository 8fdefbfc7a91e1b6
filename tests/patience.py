"""How long a test waits for another process: what is slow there is no fault, whatever else the machine does."""

PATIENCE_S = 300.0
