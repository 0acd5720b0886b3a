"""The market in PyTorch, JAX and the strict array API: every function on every operator, against NumPy's dense twin.

The checks are those of `market_checks`; on the way in NumPy arrays become arrays of the library, and on the way out
results are seen to be arrays of it and become NumPy's again.
"""

import re

import array_api_strict
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from market import CASES, agree
from market_checks import CHECKS

import otimes as ox
from otimes.core.array import is_array, is_integral, namespace, to_numpy
from otimes.core.rules import REGISTRY
from otimes.core.vector import LazyVector

jax.config.update("jax_enable_x64", True)

LIBRARIES = {"torch": torch.asarray, "jax": jnp.asarray, "strict": array_api_strict.asarray}
KINDS = {
    "torch": ("float64", "complex128", "float32"),
    "jax": ("float64",),
    "strict": ("float64", "complex128"),
}

# JAX compiles anew for every shape, which takes its time: the functions that people jit and differentiate.
FEWER = {"jax": {"to_dense", "matmul", "inv", "solve", "slogdet", "trace", "diagonal"}}

# What the library has no dense function for, so that only identities give it.
MISSING = {
    "torch": {"fractional_matrix_power", "logm", "schur", "sqrtm"},
    "jax": {"fractional_matrix_power", "logm"},
    "strict": {"expm", "fractional_matrix_power", "logm", "lu", "schur", "sqrtm"},
}

# What is left out for other reasons.
APART = {
    ("jax", "sqrtm"): "JAX's square root of a real matrix is complex",
    **{
        (library, f"{name} of circulant"): "real roots and logarithms come back complex where entries are not looked at"
        for library in ("torch", "strict")
        for name in ("sqrtm", "logm")
    },
    ("strict", "funm"): "the function that the check gives is NumPy's",
}


def convertible(A):
    """Whether the parts can change their library: no objects of SciPy, scalars of NumPy or integers."""
    own = not isinstance(A, (ox.Sparse, ox.External)) and not any(isinstance(p, np.generic) for p in vars(A).values())
    return own and (A.spec.weak or not is_integral(A.dtype)) and all(map(convertible, A.children))


def chosen():
    """Return for each library one case of each class and dtype: the first with more than one row and column."""
    found = {}
    for case in CASES:
        kind = case.dense.dtype.name
        if min(case.dense.shape) > 1 and not case.tags and convertible(case.make()):
            found.setdefault((type(case.make()), kind), case)
    return [
        pytest.param(library, case, id=f"{library}-{case}")
        for library, kinds in KINDS.items()
        for (_, kind), case in found.items()
        if kind in kinds
    ]


EVERY_CASE = pytest.mark.parametrize(("library", "case"), chosen())


def converted(x, asarray):
    """Return what is of NumPy in the library instead."""
    if isinstance(x, ox.LinearOperator):
        return ox.map_arrays(x, lambda a: asarray(np.ascontiguousarray(a)))
    return asarray(np.ascontiguousarray(x)) if isinstance(x, np.ndarray) else x


def returned(x, library):
    """Return the result as NumPy's, having seen that what it holds is of the library."""
    if isinstance(x, tuple):
        parts = [returned(part, library) for part in x]
        return type(x)(*parts) if hasattr(x, "_fields") else tuple(parts)
    if isinstance(x, LazyVector):
        x = x.form()
    if is_array(x):
        assert library in namespace(x).__name__
        return to_numpy(x)[()]
    if isinstance(x, ox.LinearOperator):
        assert x.spec.weak or library in x.spec.xp.__name__
        return ox.map_arrays(x, to_numpy)
    return x


@EVERY_CASE
@pytest.mark.parametrize("name", sorted(set(CHECKS) - {"scale"}))
def test_function_equals_numpy(library, case, name):
    for key in ((library, name), (library, f"{name} of {case.name.partition('/')[0]}")):
        if key in APART:
            pytest.skip(APART[key])
    if name not in FEWER.get(library, CHECKS):
        pytest.skip("left to the other libraries")
    A, asarray = case.make(), LIBRARIES[library]
    B = converted(A, asarray)

    def call(*arguments, **options):
        result = REGISTRY[name](B, *(converted(x, asarray) for x in arguments), **options)
        return A if result is B else returned(result, library if not B.spec.weak else "")

    try:
        CHECKS[name](case, A, call)
    except ox.errors.DTypeError as error:
        missing = re.search(r"has no linalg\.(\w+)", str(error))
        if not missing:
            raise
        assert missing[1] in MISSING[library]
        pytest.skip(f"{library} has no {missing[1]}")


@EVERY_CASE
def test_multiples(library, case):
    """The dtype is that of the library's own product: NumPy's scalars are Python numbers elsewhere."""
    asarray = LIBRARIES[library]
    A, dense = converted(case.make(), asarray), asarray(case.dense)
    for c in (2, -1, 2.5, 1 - 2j, np.float64(0.5), asarray(np.asarray(0.5))):
        wanted = dense * (c.item() if isinstance(c, np.generic) else c)
        agree(to_numpy(ox.to_dense(A * c)), to_numpy(wanted), case.eps)
        assert A.spec.weak or (A * c).dtype == wanted.dtype
