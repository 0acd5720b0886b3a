"""Rules that go through all operators: one function each, or what follows from a decomposition."""
