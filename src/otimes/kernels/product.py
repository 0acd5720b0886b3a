"""Which kernel multiplies: the compiled one where it is there and knows the arrays, else their own library."""

from typing import Any

import numpy as np

from otimes.core.array import Array, itemsize
from otimes.kernels import native, native_kernel, numpy_kernel, torch_kernel
from otimes.kernels.plan import FactorKind, Plan, plan_product
from otimes.kernels.tiles import plan_tiles


def kron_matmat(factors: tuple, kinds: tuple[FactorKind, ...], X: Array) -> Array:
    """Return (F₁ ⊗ … ⊗ F_N) X for X of shape (n₁ ⋯ n_N, k); `kinds` describes the factors."""
    if native.module is not None:
        if type(X) is np.ndarray:
            if X.dtype in native.COMPILED:
                return native_kernel.kron_matmat(factors, kinds, X)
        elif torch_kernel.applies(factors, X) and all(0 not in kind for kind in kinds):
            return torch_kernel.kron_matmat(kron_matmat, factors, kinds, X)
    return numpy_kernel.kron_matmat(factors, kinds, X)


def plan_of(kinds: tuple[FactorKind, ...], columns: int, dtype: Any, device: Any = None) -> Plan:
    """Return the plan that `kron_matmat` runs for C-ordered X of this dtype, of NumPy or another library."""
    compiled = str(dtype).removeprefix("torch.") in map(str, native.COMPILED) and str(device) in ("None", "cpu")
    plan = plan_tiles if native.module is not None and compiled else plan_product
    return plan(kinds, columns, itemsize(dtype))
