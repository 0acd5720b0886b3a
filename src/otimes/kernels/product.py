"""Which kernel multiplies: the compiled one where it is there and knows the arrays, else their own library."""

import numpy as np

from otimes.core.array import Array, ArraySpec, concrete, itemsize
from otimes.kernels import native, native_kernel, numpy_kernel, torch_kernel
from otimes.kernels.plan import FactorKind, Plan, plan_product
from otimes.kernels.tiles import plan_tiles


def kron_matmat(factors: tuple, kinds: tuple[FactorKind, ...], X: Array) -> Array:
    """Return (F₁ ⊗ … ⊗ F_N) X for X of shape (n₁ ⋯ n_N, k); `kinds` describes the factors."""
    if native_kernel.takes(X):
        return native_kernel.kron_matmat(factors, kinds, X)
    if native.module is not None and torch_kernel.applies(factors, X) and all(0 not in kind[:2] for kind in kinds):
        return torch_kernel.kron_matmat(kron_matmat, factors, kinds, X)
    return numpy_kernel.kron_matmat(factors, kinds, X)


def plan_of(kinds: tuple[FactorKind, ...], columns: int, spec: ArraySpec) -> Plan:
    """Return the plan that `kron_matmat` runs for C-ordered X of this spec."""
    plan = plan_tiles if native.module is not None and _compiled(kinds, spec) else plan_product
    return plan(kinds, columns, itemsize(concrete(spec)))


def _compiled(kinds: tuple[FactorKind, ...], spec: ArraySpec) -> bool:
    """Whether the compiled kernel knows such factors, in arrays of this spec."""
    if str(concrete(spec)).removeprefix("torch.") not in map(str, native.COMPILED):
        return False
    if spec.xp is None or spec.xp is np:
        return True
    library = spec.xp.__name__.rpartition(".")[2]
    arrays = all(kind.kind in ("dense", "identity") for kind in kinds)
    return library == "torch" and str(spec.device) == "cpu" and arrays
