"""Wire formats, one package each: what is written on the wire <-> the hub's words. See `faces`."""
