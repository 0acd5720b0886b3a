"""Kernels: how (F₁ ⊗ … ⊗ F_N) X is computed, and the planner that decides it."""
