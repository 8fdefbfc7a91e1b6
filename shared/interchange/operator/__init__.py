"""The operator's command line: `python -m interchange`. Works against whatever table the ambient AWS settings name."""
