"""Sources of README's figures: `make bench`."""
