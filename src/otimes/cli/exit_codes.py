"""What the process ends with."""

__all__ = ["BAD_INPUT", "DONE", "INTERNAL", "INTERRUPTED", "NOT_MET"]

DONE, INTERNAL, BAD_INPUT, NOT_MET, INTERRUPTED = 0, 1, 2, 3, 130
