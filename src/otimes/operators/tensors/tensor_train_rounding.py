"""Trains made orthogonal: the Frobenius norm, and lower ranks with the error they make."""

from typing import Any

from otimes.core.array import Array, astype, inexact, namespace
from otimes.core.lapack import lapack
from otimes.core.truncation import kept, magnitude
from otimes.functions.norm import norm
from otimes.functions.recompress import RecompressResult, recompress
from otimes.operators.tensors.tensor_train import TensorTrain


def orthogonal(T: TensorTrain) -> list[Array]:
    """Return cores of the same operator, all but the last with orthonormal columns when read as (r m n, s)."""
    xp, dtype = namespace(T.cores[0]), inexact(T.dtype, T.spec.xp)
    first, *others = (astype(G, dtype) for G in T.cores)
    cores = [first]
    for H in others:
        G, (_, m, n, s) = cores.pop(), H.shape
        Q, R = lapack("qr", xp.reshape(G, (-1, G.shape[3])))
        cores += [
            xp.reshape(Q, (*G.shape[:3], Q.shape[1])),
            xp.reshape(R @ xp.reshape(H, (H.shape[0], m * n * s)), (R.shape[0], m, n, s)),
        ]
    return cores


@norm.rule(TensorTrain, says="‖A‖_F = ‖G_d‖_F once the cores before it are orthonormal", cite="Oseledets2011")
def _(T: TensorTrain, ord: Any) -> Any:
    if ord != "fro":
        return norm.fallback(T, ord=ord)
    if 0 in (*T.shape, *T.ranks):
        return 0.0
    last = orthogonal(T)[-1]
    return norm(namespace(last).reshape(last, (last.shape[0], -1)), "fro")


@recompress.rule(
    TensorTrain, says="from the last core to the first, Gₖ₋₁ U Σ and Vᴴ for Gₖ = U Σ Vᴴ cut short", cite="Oseledets2011"
)
def _(T: TensorTrain, rtol: float, rank: int | None) -> RecompressResult:
    """Cut the ranks one after the other.

    Each cut projects on a space within those of the cuts before it, so that the squares of the errors add up; each
    may make its share, whatever `rank` has cost before.
    """
    if 0 in (*T.shape, *T.ranks) or len(T.cores) == 1:
        return RecompressResult(T, 0.0)
    *cores, last = orthogonal(T)
    xp, size, spent = namespace(last), magnitude(last), 0.0
    allowed = rtol**2 / len(cores)
    done: list[Array] = []
    while cores:
        G, (_, m, n, s) = cores.pop(), last.shape
        U, S, Vh = lapack("svd", xp.reshape(last, (last.shape[0], m * n * s)), full_matrices=False)
        count, cost = kept(S, size, allowed, rank)
        spent += cost
        done.append(xp.reshape(Vh[:count, :], (count, m, n, s)))
        turned = xp.reshape(G, (-1, G.shape[3])) @ (U[:, :count] * S[:count])
        last = xp.reshape(turned, (*G.shape[:3], count))
    return RecompressResult(TensorTrain(last, *reversed(done)), spent**0.5)
