"""Fast transforms as operators."""
