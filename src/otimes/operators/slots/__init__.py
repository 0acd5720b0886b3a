"""Operators on some slots of a product: embedding, permuting, tracing out."""
