"""Kronecker: A ⊗ B ⊗ …, and the page of its identities.

Its entries are in `kronecker_entries`, its decompositions, with the norms and ranks that follow, in
`kronecker_decompositions`.
Throughout, the factor Fᵢ is mᵢ × nᵢ, m = Π mᵢ and n = Π nᵢ.
"""

import functools
import math
from collections.abc import Callable
from typing import Any

from otimes.core.algebra import add, conj, matmul, scale, transpose, with_known
from otimes.core.array import Array, as_float, common_spec, namespace, reshape
from otimes.core.batch import Batch, batch_of_products
from otimes.core.checks import product_text
from otimes.core.convert import aslinearoperator
from otimes.core.facts import UNKNOWN, every
from otimes.core.operator import LinearOperator, gathered
from otimes.core.rules import guard
from otimes.core.tracing import certainly, traced
from otimes.errors import OtimesError, ShapeError, SingularError
from otimes.functions.det import det, det_by_slogdet
from otimes.functions.inv import inv
from otimes.functions.slogdet import SlogdetResult, phase_power, slogdet
from otimes.functions.solve import solve
from otimes.kernels import native_kernel as native
from otimes.kernels.plan import FactorKind, kind_of, plan_product
from otimes.kernels.product import kron_matmat
from otimes.operators.identity import Identity
from otimes.operators.kronecker.same import same
from otimes.operators.scalar_multiple import ScalarMultiple
from otimes.operators.zero import Zero

SAFE_LOG = 80.0  # of numbers that single precision holds


class Kronecker(LinearOperator):
    """F₁ ⊗ … ⊗ F_N, kept flat; the factors may be any operators of any shapes.

    With C-ordered grids, (A ⊗ B) vec_C(X) = vec_C(A X Bᵀ): factor i acts on axis i.
    """

    factors: tuple[LinearOperator, ...]
    kinds: tuple[FactorKind, ...]

    def __init__(self, *factors: LinearOperator):
        factors, spec = gathered(factors, "factor")
        super().__init__(
            (math.prod(F.shape[0] for F in factors), math.prod(F.shape[1] for F in factors)),
            spec,
            every(F.facts for F in factors) if all(F.square for F in factors) else UNKNOWN,
            factors=factors,
            kinds=tuple(kind_of(F) for F in factors),
        )

    @property
    def children(self) -> tuple[LinearOperator, ...]:
        """The factors."""
        return self.factors

    @property
    def rounding_size(self) -> int:
        """The sum of the factors': only they are decomposed, whatever the size of the product."""
        return sum(F.rounding_size for F in self.factors)

    def _rebuilt(self, children: tuple[LinearOperator, ...]) -> "Kronecker":
        return Kronecker(*children)

    def _matmat(self, X: Array) -> Array:
        return kron_matmat(self.factors, self.kinds, X)

    def _from_left(self, x: Array) -> Array:
        return native.kron_matmat(self.factors, self.kinds, x) if native.takes(x) else super()._from_left(x)

    def _from_right(self, x: Array) -> Array:
        return native.kron_rmatmat(self.factors, self.kinds, x) if native.takes(x) else super()._from_right(x)


def kron(*factors: Any) -> LinearOperator:
    """Return the Kronecker product F₁ ⊗ … ⊗ F_N as an operator, without forming it.

    (A ⊗ B)[i p + k, j q + l] = A[i, j] B[k, l] for B p × q. Nested products are flattened, scalars
    taken in front, neighbouring identities merged.

    Parameters
    ----------
    *factors : operators or array_like
        At least one. 2-D, or 1-D as in `numpy.kron`: a vector beside a matrix is a row. Of arrays (…, m, n) the
        leading axes are batch axes, which broadcast; the product is over the last two.

    Returns
    -------
    LinearOperator, (m₁ ⋯ m_N, n₁ ⋯ n_N), or a Batch of such
        K @ x costs 2 Σᵢ mᵢ nᵢ Πⱼ≠ᵢ nⱼ operations for square factors, against 2 m n formed.

    Raises
    ------
    ShapeError
        No factor is given, or batch shapes do not broadcast.
    ArrayMixError
        Factors of different array libraries or devices.

    References
    ----------
    Van Loan (2000), The ubiquitous Kronecker product.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> K = ox.kron(np.ones((30, 40)), np.ones((50, 60)))
    >>> K.shape, (K @ np.ones(2400)).shape
    ((1500, 2400), (1500,))
    >>> ox.kron(np.eye(2), np.ones(3)).shape
    (2, 6)
    >>> ox.kron(np.ones((5, 1, 2, 3)), np.ones((4, 6, 7))).shape
    (5, 4, 12, 21)
    """
    if not factors:
        raise ShapeError("kron() of no factors: give at least one; the empty product would be otimes.eye(1)")
    operators = [converted_factor(F, position, "kron") for position, F in enumerate(factors)]
    common_spec(*(F.spec for F in operators), what="factor")
    if any(isinstance(F, Batch) for F in operators):
        return batch_of_products(kron, operators)
    scalars = [F.scalar for F in operators if isinstance(F, ScalarMultiple)]
    bare = [F.operator if isinstance(F, ScalarMultiple) else F for F in operators]
    flat = [G for F in bare for G in (F.factors if isinstance(F, Kronecker) else (F,))]
    product = _simplified(flat)
    if product.square:
        product = with_known(product, every(F.facts for F in bare))
    return functools.reduce(scale, scalars, product)


def converted_factor(factor: Any, position: int | str, name: str, what: str = "factor") -> LinearOperator:
    """Return the factor as an operator; errors name the function and the factor's position."""
    try:
        return aslinearoperator(factor)
    except OtimesError as error:
        raise type(error)(f"{name}: {what} {position}: {error}") from error


def _simplified(factors: list[LinearOperator]) -> LinearOperator:
    """Return the product of bare factors: zero if one is, neighbouring identities as one."""
    spec = common_spec(*(F.spec for F in factors), what="factor")
    if any(isinstance(F, Zero) for F in factors):
        return Zero((math.prod(F.shape[0] for F in factors), math.prod(F.shape[1] for F in factors)), spec)
    merged: list[LinearOperator] = []
    for F in factors:
        if isinstance(F, Identity) and merged and isinstance(merged[-1], Identity):
            last = merged.pop()
            F = Identity(last.shape[0] * F.shape[0], common_spec(last.spec, F.spec))
        merged.append(F)
    kept = [F for F in merged if not (isinstance(F, Identity) and F.shape[0] == 1)] or merged[:1]
    if common_spec(*(F.spec for F in kept)) != spec:  # the identity's stated dtype is that of the product
        kept = merged
    return kept[0] if len(kept) == 1 else Kronecker(*kept)


def each(
    function: Callable[..., Any], factors: tuple[LinearOperator, ...], *arguments: Any, what: str = "factor"
) -> list:
    """Return the function of every factor, called once for one that occurs again; errors name the position."""
    results: dict[int, Any] = {}
    for position, F in enumerate(factors):
        try:
            if id(F) not in results:
                results[id(F)] = function(F, *arguments)
        except OtimesError as error:
            raise type(error)(f"{what} {position}: {error}") from error
    return [results[id(F)] for F in factors]


@guard("every factor is square")
def square_factors(K: Kronecker) -> bool:
    return all(F.square for F in K.factors)


@guard("the product is square and not of size 0, some factor is not square")
def square_product_of_rectangles(K: Kronecker) -> bool:
    return K.square and K.shape[0] > 0 and not square_factors(K)


@guard("the factors conform one by one and A C, B D take no more flops than A, C, B and D")
def fused_is_cheaper(K: Kronecker, L: Kronecker) -> bool:
    if [F.shape[1] for F in K.factors] != [G.shape[0] for G in L.factors]:
        return False
    pairs = [(F.shape[0], F.shape[1], G.shape[1]) for F, G in zip(K.factors, L.factors, strict=True)]
    if any(m * n > m * k + k * n for m, k, n in pairs):
        return False
    fused = plan_product(tuple(FactorKind(m, n, "dense") for m, _, n in pairs), 1)
    return fused.flops <= plan_product(K.kinds, 1).flops + plan_product(L.kinds, 1).flops


@guard("all factors but one are the same objects")
def one_factor_differs(K: Kronecker, L: Kronecker) -> bool:
    if [F.shape for F in K.factors] != [G.shape for G in L.factors]:
        return False
    return sum(not same(F, G) for F, G in zip(K.factors, L.factors, strict=True)) == 1


def _singular(K: Kronecker) -> SingularError:
    sizes = product_text([F.shape for F in K.factors])
    return SingularError(f"{sizes} is singular: its rank is at most Π min(mᵢ, nᵢ); pinv and lstsq take it")


@transpose.rule(Kronecker, says="(A ⊗ B)ᵀ = Aᵀ ⊗ Bᵀ", cite="VanLoan2000")
def _(K: Kronecker) -> LinearOperator:
    return kron(*each(transpose, K.factors))


@conj.rule(Kronecker, says="conj(A ⊗ B) = conj(A) ⊗ conj(B)", cite="VanLoan2000")
def _(K: Kronecker) -> LinearOperator:
    return kron(*each(conj, K.factors))


@matmul.rule(Kronecker, Kronecker, when=fused_is_cheaper, says="(A ⊗ B)(C ⊗ D) = AC ⊗ BD", cite="VanLoan2000")
def _(K: Kronecker, L: Kronecker) -> LinearOperator:
    return kron(*map(matmul, K.factors, L.factors))


@add.rule(Kronecker, Kronecker, when=one_factor_differs, says="A ⊗ B + A ⊗ C = A ⊗ (B + C)")
def _(K: Kronecker, L: Kronecker) -> LinearOperator:
    return kron(*(F if same(F, G) else add(F, G) for F, G in zip(K.factors, L.factors, strict=True)))


@inv.rule(Kronecker, when=square_factors, says="(A ⊗ B)⁻¹ = A⁻¹ ⊗ B⁻¹", cite="VanLoan2000")
def _(K: Kronecker) -> LinearOperator:
    return kron(*each(inv, K.factors)) if K.shape[0] else Zero(K.shape, K.spec)


@inv.rule(Kronecker, when=square_product_of_rectangles, says="rank(A ⊗ B) = rank(A) rank(B) < n: no inverse")
def _(K: Kronecker) -> LinearOperator:
    raise _singular(K)


@solve.rule(Kronecker, when=square_factors, says="(A ⊗ B)⁻¹ X = (A⁻¹ ⊗ I)(I ⊗ B⁻¹) X", cite="VanLoan2000")
def _(K: Kronecker, B: Array) -> Array:
    if 0 in B.shape:
        return B
    left, right = 1, B.shape[0] * B.shape[1]
    for position, F in enumerate(K.factors):
        right //= F.shape[0]
        B = _solve_along(F, position, B, left, right)
        left *= F.shape[0]
    return reshape(B, (K.shape[0], right))


def _solve_along(F: LinearOperator, position: int, X: Array, left: int, right: int) -> Array:
    """Return F⁻¹ applied to the middle axis of X read as (left, n, right)."""
    n = F.shape[0]
    permute = namespace(X).permute_dims
    turned = reshape(permute(reshape(X, (left, n, right)), (1, 0, 2)), (n, left * right))
    try:
        solved = solve(F, turned)
    except OtimesError as error:
        raise type(error)(f"factor {position}: {error}") from error
    return permute(reshape(solved, (n, left, right)), (1, 0, 2))


@solve.rule(Kronecker, when=square_product_of_rectangles, says="rank(A ⊗ B) = rank(A) rank(B) < n: no solution")
def _(K: Kronecker, B: Array) -> Array:
    raise _singular(K)


@slogdet.rule(
    Kronecker, when=square_factors, says="det(A ⊗ B) = det(A)ᵐ det(B)ⁿ for A n × n, B m × m", cite="VanLoan2000"
)
def _(K: Kronecker) -> SlogdetResult:
    if not K.shape[0]:
        return SlogdetResult(1.0, 0.0)
    powers = [K.shape[0] // F.shape[0] for F in K.factors]
    signs, logs = zip(*each(slogdet, K.factors), strict=True)
    if any(certainly(sign == 0) for sign in signs):
        return SlogdetResult(0.0, -math.inf)
    sign = functools.reduce(lambda s, t: s * t, map(phase_power, signs, powers))
    return SlogdetResult(sign, sum(map(_multiple, powers, logs)))


def _multiple(power: int, log: Any) -> Any:
    """Return power · log; infinite where the power is beyond floats."""
    return power * log if power.bit_length() < 1000 else math.copysign(math.inf, log) if log else log


@slogdet.rule(Kronecker, when=square_product_of_rectangles, says="det(A ⊗ B) = 0, since rank(A) rank(B) < n")
def _(K: Kronecker) -> SlogdetResult:
    return SlogdetResult(0.0, -math.inf) if K.shape[0] else SlogdetResult(1.0, 0.0)


@det.rule(Kronecker, when=square_factors, says="det(A ⊗ B) = det(A)ᵐ det(B)ⁿ for A n × n, B m × m", cite="VanLoan2000")
def _(K: Kronecker) -> Any:
    dets = each(det, K.factors)
    if traced(*dets):
        return det_by_slogdet(K)
    powers = [K.shape[0] // F.shape[0] if F.shape[0] else 1 for F in K.factors]
    sizes = [
        float(_multiple(p, math.log(as_float(abs(d))))) if d != 0 else 0.0 for p, d in zip(powers, dets, strict=True)
    ]
    if max(map(abs, sizes)) + abs(sum(sizes)) > SAFE_LOG:  # a power of one factor alone may overflow
        return det_by_slogdet(K)
    return functools.reduce(lambda s, t: s * t, (d**p for d, p in zip(dets, powers, strict=True)))
