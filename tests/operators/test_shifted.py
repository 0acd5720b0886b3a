"""Lazy spectra of A + c I, and |λ| of what is Hermitian: entries, sums and extremes as of the formed vectors."""

import numpy as np
import pytest
from market import hermitian, kron, kronsum

import otimes as ox
from otimes.core.entrywise import AbsoluteVector, ShiftedVector
from otimes.core.values import scaled
from otimes.core.vector import KroneckerSumVector, KroneckerVector
from otimes.errors import ShapeError, TooLarge

PARTS = {
    "mixed signs": [np.array([3.0, -1.0, 0.5]), np.array([-2.0, 1.0, 4.0, 0.0])],
    "positive": [np.array([3.0, 1.0]), np.array([2.0, 5.0, 7.0])],
    "negative": [np.array([-3.0, -1.0]), np.array([-2.0, -5.0, -7.0])],
    "all equal": [np.ones(2), np.ones(3)],
    "ties": [np.array([1.0, -1.0, 1.0]), np.array([2.0, -2.0, 2.0])],
    "one": [np.array([-2.0])],
    "none": [np.zeros(0), np.ones(2)],
}
KEYS = {"largest": lambda x: -x, "smallest": lambda x: x, "magnitude": lambda x: -abs(x)}
every_lazy_vector = pytest.mark.parametrize(
    "vector",
    [
        pytest.param(wrap(kind(*parts)), id=f"{label} {kind.__name__}, {name}")
        for name, parts in PARTS.items()
        for kind in (KroneckerVector, KroneckerSumVector)
        for label, wrap in {
            "v + 0.7": lambda v: ShiftedVector(v, 0.7),
            "v − 6": lambda v: ShiftedVector(v, -6),
            "|v|": AbsoluteVector,
            "|v + 0.7|": lambda v: AbsoluteVector(ShiftedVector(v, 0.7)),
        }.items()
    ],
)


@every_lazy_vector
def test_entries_and_sum(vector):
    dense = np.asarray(vector)
    inner = np.asarray(vector.vector)
    assert (dense == (abs(inner) if isinstance(vector, AbsoluteVector) else inner + vector.shift)).all()
    assert dense.dtype == vector.dtype
    assert [vector[i] for i in range(-len(dense), len(dense))] == [*dense, *dense]
    assert (vector[1:] == dense[1:]).all()
    assert vector.sum() == pytest.approx(dense.sum(), abs=1e-12)
    assert np.asarray(scaled(vector, 2.0)) == pytest.approx(2.0 * dense)


@every_lazy_vector
@pytest.mark.parametrize("which", KEYS)
def test_extremes(vector, which):
    dense = np.asarray(vector)
    for k in range(len(dense) + 1):
        key = KEYS[which]
        wanted = np.sort(key(dense))[:k]
        indices = vector.extreme_indices(k, which)
        assert len(set(indices.tolist())) == k
        assert key(dense[indices]) == pytest.approx(wanted)
        assert key(vector.extremes(k, which)) == pytest.approx(wanted)
    with pytest.raises(ShapeError):
        vector.extremes(len(dense) + 1, which)


def test_complex_shifts_are_known_by_their_entries():
    v = ShiftedVector(KroneckerVector(np.array([3.0, -1.0]), np.array([2.0, 5.0])), 4 + 1j)
    assert (np.asarray(v) == np.array([10, 19, 2, -1]) + 1j).all()
    assert v[3] == -1 + 1j
    assert v.sum() == 30 + 4j
    assert v.extreme_indices(2, "magnitude").tolist() == [1, 0]
    assert v.extremes(2, "magnitude").tolist() == [19 + 1j, 10 + 1j]


@pytest.mark.parametrize("shift", [0.3, -0.3, 5, np.float32(2)])
@pytest.mark.parametrize("which", KEYS)
def test_extreme_pairs_and_triplets(shift, which):
    H, B = hermitian(4), hermitian(5)
    cases = [(ox.kron(H, B) + shift * ox.eye(20), kron(H, B)), (ox.kronsum(H, B) + shift * ox.eye(20), kronsum(H, B))]
    for A, unshifted in cases:
        a = unshifted + shift * np.eye(20)
        wanted = np.linalg.eigvalsh(a)
        wanted = wanted[np.argsort(KEYS[which](wanted))][:3]
        w, V = ox.eigh(A, k=3, which=which, dense_limit=0)
        assert ox.eigvalsh(A, k=3, which=which, dense_limit=0) == pytest.approx(wanted)
        assert w == pytest.approx(wanted)
        assert a @ np.asarray(V) == pytest.approx(np.asarray(V) * w)
        sizes = np.linalg.svdvals(a)
        sizes = sizes[np.argsort(KEYS[which](sizes))][:3]
        U, S, Vh = ox.svd(A, k=3, which=which)
        assert ox.svdvals(A, k=3, which=which) == pytest.approx(sizes)
        assert sizes == pytest.approx(S)
        assert a @ np.asarray(Vh).T == pytest.approx(np.asarray(U) * S)


def test_a_billion_rows():
    factor = np.diag(np.linspace(0.7, 1.4, 10))
    A = ox.kron(*[factor] * 9) - 1.5 * ox.eye(10**9)
    low, high = 0.7**9 - 1.5, 1.4**9 - 1.5
    assert ox.eigvalsh(A, k=1, which="magnitude") == pytest.approx([high])
    assert ox.eigvalsh(A, k=1, which="smallest") == pytest.approx([low])
    assert ox.eigvalsh(A)[10**9 - 1] == pytest.approx(high)
    assert ox.eigvalsh(A).sum() == pytest.approx(ox.trace(A))
    assert ox.norm(A, 2) == pytest.approx(high)
    with pytest.raises(TooLarge):  # signs are mixed: those nearest zero are somewhere inside
        ox.svdvals(A, k=1, which="smallest")
    B = A - 30 * ox.eye(10**9)  # none is positive
    U, S, Vh = ox.svd(B, k=2, which="smallest")
    assert S[0] == pytest.approx(30 - high)
    assert np.asarray(Vh @ U) == pytest.approx(-np.eye(2))
    assert ox.norm(B, "nuc") == pytest.approx(-ox.trace(B))


def test_indices_beyond_64_bits():
    A = ox.kron(*[np.diag([0.5, 1.0])] * 70) + 0.25 * ox.eye(2**70)
    w, V = ox.eigh(A, k=1)
    assert w == pytest.approx([1.25])
    assert V[2**70 - 1, 0] == pytest.approx(1)
