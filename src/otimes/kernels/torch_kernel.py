"""Tensors of PyTorch in the host's memory go through the kernel for NumPy arrays, with gradients of any order.

Two functions are closed under differentiation: the product Y = (F₁ ⊗ … ⊗ F_N) X, and the contraction Σₗ Gₗ Yₗᴴ of
two arrays over all axes but one. The gradients of either are made of both.
"""

import functools
import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from otimes.core.array import promoted
from otimes.kernels.plan import Factor, FactorKind

Tensor = Any
Kernel = Callable[[tuple, tuple[FactorKind, ...], np.ndarray], np.ndarray]

JOINED_SIZE = 64  # neighbours up to this size are contracted as one: fewer passes over memory beat fewer flops
TURNED_ENTRIES = 2**16  # entries turned at a time for a contraction, so that the copies stay in cache


def applies(factors: tuple, X: Any) -> bool:
    """Whether `kron_matmat` takes these factors and X; else PyTorch multiplies by its own operations.

    It does so on other devices and dtypes, for subclasses of its tensors, and where it must see what is done: under
    `torch.compile`, the transforms of `torch.func`, forward differentiation, and when a graph is traced.
    """
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(X, torch.Tensor) or any(F.kind not in ("dense", "identity") for F in factors):
        return False
    tensors = [X, *(F.array for F in factors if F.kind == "dense")]
    return all(_plain(torch, tensor) for tensor in tensors) and not _watched(torch)


def _plain(torch: Any, tensor: Tensor) -> bool:
    """Whether NumPy can look at the memory of the tensor, and the kernel knows its dtype."""
    return (
        type(tensor) in (torch.Tensor, torch.nn.Parameter)
        and tensor.dtype in (torch.float32, torch.float64, torch.complex64, torch.complex128)
        and tensor.device.type == "cpu"
        and tensor.layout is torch.strided
    )


def _watched(torch: Any) -> bool:
    """Whether PyTorch transforms or records the operations on tensors, which it can do with its own only."""
    try:
        return (
            torch.compiler.is_compiling()  # first: known when traced, and what follows is then not asked
            or torch._C._are_functorch_transforms_active()
            or torch._C._len_torch_dispatch_stack() > 0
            or torch._C._dispatch_tls_is_dispatch_key_included(_batched_gradients(torch))
            or torch.autograd.forward_ad._current_level >= 0
            or torch.jit.is_tracing()
        )
    except AttributeError:  # a version of PyTorch that is asked in another way
        return True


@functools.cache
def _batched_gradients(torch: Any) -> Any:
    """Return what marks that `torch.autograd.grad` takes many gradients at once."""
    return torch._C._parse_dispatch_key("VmapMode")


def kron_matmat(kernel: Kernel, factors: tuple, kinds: tuple[FactorKind, ...], X: Tensor) -> Tensor:
    """Return (F₁ ⊗ … ⊗ F_N) X by `kernel`, a function of factors and an array of NumPy.

    Parameters
    ----------
    kernel : callable
        kernel(factors, kinds, X) for views of the tensors, of which nothing is copied but what is conjugated lazily.
    factors : tuple
        Dense ones and identities.
    kinds : tuple of FactorKind
        Their sizes, none of them 0.
    X : tensor, (n₁ ⋯ n_N, k)

    Returns
    -------
    tensor, (m₁ ⋯ m_N, k)
        For the gradients X and the factors are kept, and nothing in between. That of X is one product. Those of N
        factors take N contractions of X and the result, each 2 mᵢ or 2 nᵢ flops for an entry, and N log₂ N
        applications of a factor, and hold log₂ N arrays of their size at a time; neighbours of a joint size up to
        `JOINED_SIZE` count as one factor. What needs no gradient takes no time.
    """
    return _product(kernel, [promoted(F.array, X) if F.kind == "dense" else None for F in factors], kinds, X)


def _product(kernel: Kernel, arrays: Sequence[Tensor | None], kinds: tuple[FactorKind, ...], X: Tensor) -> Tensor:
    """Return the product with arrays, None for an identity; gradients may be watched where the product was not."""
    if _watched(sys.modules["torch"]):
        return _by_operations(arrays, kinds, X)
    if _differentiable(X, *arrays):
        return _functions()[0].apply(kernel, kinds, X, *arrays)
    return _on_views(kernel, arrays, kinds, X)


def _by_operations(arrays: Sequence[Tensor | None], kinds: tuple[FactorKind, ...], X: Tensor) -> Tensor:
    Y = X.reshape(*(kind.columns for kind in kinds), -1)
    for axis, array in enumerate(arrays):
        if array is not None:
            Y = (array @ Y.movedim(axis, -2)).movedim(-2, axis)
    return Y.reshape(math.prod(kind.rows for kind in kinds), X.shape[1])


def _differentiable(*tensors: Tensor | None) -> bool:
    torch = sys.modules["torch"]
    return torch.is_grad_enabled() and any(t is not None and t.requires_grad for t in tensors)


def _on_views(kernel: Kernel, arrays: Sequence[Tensor | None], kinds: tuple[FactorKind, ...], X: Tensor) -> Tensor:
    views = (None if array is None else _view(array) for array in arrays)
    factors = tuple(Factor(kind.kind, kind[:2], view) for kind, view in zip(kinds, views, strict=True))
    return sys.modules["torch"].from_numpy(kernel(factors, kinds, _view(X)))


def _view(tensor: Tensor) -> np.ndarray:
    """Return the NumPy array in the memory of the tensor; only what is conjugated or negated lazily is copied."""
    return tensor.detach().resolve_conj().resolve_neg().numpy()


@functools.cache
def _functions() -> tuple[Any, Any]:
    """Return the two functions; they are made when PyTorch is there."""
    import torch

    class KroneckerProduct(torch.autograd.Function):
        """(F₁ ⊗ … ⊗ F_N) X."""

        @staticmethod
        def forward(
            ctx: Any, kernel: Kernel, kinds: tuple[FactorKind, ...], X: Tensor, *arrays: Tensor | None
        ) -> Tensor:
            ctx.kernel, ctx.kinds = kernel, kinds
            ctx.save_for_backward(X if any(ctx.needs_input_grad[3:]) else None, *arrays)
            return _on_views(kernel, arrays, kinds, X)

        @staticmethod
        def backward(ctx: Any, G: Tensor) -> tuple:
            X, *arrays = ctx.saved_tensors
            needed = ctx.needs_input_grad[2:]
            return None, None, *_Gradients(ctx.kernel, arrays, ctx.kinds, needed).of(X, G)

    class Contraction(torch.autograd.Function):
        """Σ G Yᴴ over all axes but the middle one of (before, size, behind, k)."""

        @staticmethod
        def forward(ctx: Any, kernel: Kernel, before: int, m: int, n: int, G: Tensor, Y: Tensor) -> Tensor:
            ctx.kernel, ctx.before = kernel, before
            ctx.save_for_backward(G, Y)
            return _contracted(before, m, n, G, Y)

        @staticmethod
        def backward(ctx: Any, D: Tensor) -> tuple:
            G, Y = ctx.saved_tensors
            needs_G, needs_Y = ctx.needs_input_grad[4:]
            dG = _along(ctx.kernel, ctx.before, [D], D.shape[1:], Y) if needs_G else None
            dY = _along(ctx.kernel, ctx.before, [D.mH], D.shape[:1], G) if needs_Y else None
            return None, None, None, None, dG, dY

    return KroneckerProduct, Contraction


class _Gradients:
    """The gradients of (F₁ ⊗ … ⊗ F_N) X for that of the result, G.

    That of Fᵢ is the contraction of two arrays: in one the factors before it are applied to X, in the other the
    adjoints of those behind it to G. Halving the factors shares these products.
    """

    def __init__(
        self, kernel: Kernel, arrays: Sequence[Tensor | None], kinds: tuple[FactorKind, ...], needed: Sequence[bool]
    ) -> None:
        self.kernel, self.arrays = kernel, arrays
        self.rows, self.columns = [kind.rows for kind in kinds], [kind.columns for kind in kinds]
        self.of_X, self.needed = needed[0], needed[1:]
        self.found: list[Tensor | None] = [None] * len(needed)

    def of(self, X: Tensor | None, G: Tensor) -> list[Tensor | None]:
        """Return the gradients of X and of the factors."""
        self._visit(0, len(self.arrays), X, G)
        return self.found

    def _visit(self, start: int, stop: int, Y: Tensor | None, G: Tensor) -> None:
        """Find the gradients of the factors from `start` to `stop` − 1, and of X where `start` is 0.

        Of the others those before `start` are applied in Y, the adjoints of those from `stop` on in G.
        """
        needed = any(self.needed[start:stop])
        if needed and not self._joined(start, stop):
            middle = (start + stop) // 2
            if any(self.needed[start:middle]) or (start == 0 and self.of_X):
                self._visit(start, middle, Y, self._adjoint(middle, stop, G))
            if any(self.needed[middle:stop]):
                self._visit(middle, stop, self._product(start, middle, Y), G)
            return
        if needed:
            before, m, n = map(math.prod, (self.rows[:start], self.rows[start:stop], self.columns[start:stop]))
            D = _contraction(self.kernel, before, m, n, G, Y)
            self.found[start + 1 : stop + 1] = _of_factors(D, self.arrays[start:stop])
        if start == 0 and self.of_X:
            self.found[0] = self._adjoint(start, stop, G)

    def _joined(self, start: int, stop: int) -> bool:
        """Whether the gradient of the product of the factors is taken, and theirs from it."""
        size = max(math.prod(self.rows[start:stop]), math.prod(self.columns[start:stop]))
        dense = all(array is not None for array in self.arrays[start:stop])
        return stop - start == 1 or (dense and size <= JOINED_SIZE)

    def _product(self, start: int, stop: int, Y: Tensor | None) -> Tensor:
        before = math.prod(self.rows[:start])
        return _along(self.kernel, before, self.arrays[start:stop], self.columns[start:stop], Y)

    def _adjoint(self, start: int, stop: int, G: Tensor) -> Tensor:
        before = math.prod(self.rows[:start])
        adjoints = [None if array is None else array.mH for array in self.arrays[start:stop]]
        return _along(self.kernel, before, adjoints, self.rows[start:stop], G)


def _along(
    kernel: Kernel, before: int, arrays: Sequence[Tensor | None], sizes: Sequence[int], Z: Tensor | None
) -> Tensor:
    """Return (I ⊗ F₁ ⊗ F₂ ⊗ … ⊗ I) Z: the identity in front has size `before`, the factors these many columns."""
    if Z is None or all(array is None for array in arrays):
        return Z
    behind = Z.shape[0] // (before * math.prod(sizes))
    arrays, sizes = [None, *arrays, None], [before, *sizes, behind]
    kinds = (
        FactorKind(size, size, "identity") if array is None else FactorKind(array.shape[0], array.shape[1], "dense")
        for array, size in zip(arrays, sizes, strict=True)
    )
    return _product(kernel, arrays, tuple(kinds), Z)


def _contraction(kernel: Kernel, before: int, m: int, n: int, G: Tensor, Y: Tensor) -> Tensor:
    """Return Σ G Yᴴ, (m, n), over all axes but the middle one of G (before, m, behind) and Y (before, n, behind)."""
    if _watched(sys.modules["torch"]):
        return _turned(G.reshape(before, m, -1)) @ _turned(Y.reshape(before, n, -1)).mH
    if _differentiable(G, Y):
        return _functions()[1].apply(kernel, before, m, n, G, Y)
    return _contracted(before, m, n, G, Y)


def _contracted(before: int, m: int, n: int, G: Tensor, Y: Tensor) -> Tensor:
    """Return `_contraction`: one GEMM where the memory allows it, else one for each block, turned in the cache."""
    columns = G.shape[1]
    if columns == 0:
        return G.new_zeros((m, n))
    G, Y = G.reshape(before, m, -1, columns), Y.reshape(before, n, -1, columns)
    behind, entries = G.shape[2], max(m, n) * columns
    down = before if behind * columns == 1 else max(1, TURNED_ENTRIES // (entries * behind))
    across = behind if _is_flat(G) and _is_flat(Y) else max(1, TURNED_ENTRIES // entries)
    total = G.new_zeros((m, n))
    for i in range(0, before, down):
        for j in range(0, behind, across):
            g, y = G[i : i + down, :, j : j + across], Y[i : i + down, :, j : j + across]
            total = total.addmm(_turned(g), _turned(y).mH)
    return total


def _is_flat(Z: Tensor) -> bool:
    """Whether the last two axes are one in memory."""
    return Z.stride(2) == Z.shape[3] * Z.stride(3) or 1 in Z.shape[2:]


def _turned(Z: Tensor) -> Tensor:
    """Return the matrix whose rows are what Z (before, size, …) holds along its second axis."""
    return Z.transpose(0, 1).reshape(Z.shape[1], -1)


def _of_factors(D: Tensor, arrays: Sequence[Tensor]) -> list[Tensor]:
    """Return the gradients of A, B, … for that of A ⊗ B ⊗ …, which is small."""
    if len(arrays) == 1:
        return [D]
    A, rest = arrays[0], functools.reduce(_kron, arrays[1:])
    (m, n), (p, q) = A.shape, rest.shape
    blocks = D.reshape(m, p, n, q)
    dA = (blocks * rest.conj()[:, None, :]).sum((1, 3))
    return [dA, *_of_factors((blocks * A.conj()[:, None, :, None]).sum((0, 2)), arrays[1:])]


def _kron(A: Tensor, B: Tensor) -> Tensor:
    """Return A ⊗ B; `torch.kron` refuses what is transposed."""
    blocks = A[:, None, :, None] * B[:, None, :]
    return blocks.reshape(A.shape[0] * B.shape[0], -1)
