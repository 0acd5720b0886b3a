"""A ⊗ B, A ⊕ B and the products by columns and rows: classes, identities, decompositions."""
