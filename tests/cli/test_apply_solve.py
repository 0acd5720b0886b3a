"""``otimes apply`` and ``otimes solve`` against dense arithmetic."""

import json

import numpy as np
import pytest

from otimes.io import FactorFile, save_factors

RNG = np.random.default_rng(11)


def definite(size):
    root = RNG.standard_normal((size, size))
    return root @ root.T / size + np.eye(size)


def small(size):
    root = RNG.standard_normal((size, size))
    return 0.1 * (root + root.T)


def general(size):
    return RNG.standard_normal((size, size)) + 2 * np.eye(size)


ONE = ((definite(3), definite(4)),)
DEFINITE = (*ONE, (small(3), small(4)))
GENERAL = ((general(3), general(4)), (small(3), RNG.standard_normal((4, 4)) / 10))
COMPLEX = ((definite(3) + 1j * (np.triu(np.ones((3, 3)), 1) - np.tril(np.ones((3, 3)), -1)), definite(4)), DEFINITE[1])
SKEW_FIRST = ((np.array([[0.0, 1], [-1, 0]]), definite(6)), (np.eye(2), 0.05 * definite(6)))


def dense(terms):
    return sum(np.kron(*term) for term in terms)


def saved(terms):
    save_factors("F.npz", FactorFile(terms))
    return dense(terms)


@pytest.mark.parametrize("shape", [(12,), (12, 3)])
def test_apply(run, shape):
    K, x = saved(DEFINITE), RNG.standard_normal(shape)
    np.save("x.npy", x)
    result = run("apply", "F.npz", "x.npy", "-o", "y.npy")
    assert (result.code, result.out) == (0, "")
    np.testing.assert_allclose(np.load("y.npy"), K @ x, rtol=1e-12)


def test_apply_prints_where_no_file_is_named(run):
    K = saved(DEFINITE)
    np.savetxt("x.txt", np.arange(12.0))
    result = run("apply", "F.npz", "x.txt")
    assert (result.code, result.err) == (0, "")
    np.testing.assert_allclose(np.array(result.out.split(), dtype=float), K @ np.arange(12.0), rtol=1e-12)


SYSTEMS = {
    "one term": (ONE, 0.0, "factor by factor"),
    "one term, shifted": (ONE, 2.5, "factor by factor"),
    "definite": (DEFINITE, 0.0, "conjugate gradients"),
    "definite, shifted": (DEFINITE, 0.5, "conjugate gradients"),
    "general": (GENERAL, 0.0, "GMRES"),
    "general, shifted": (GENERAL, 3.0, "GMRES"),
    "complex Hermitian": (COMPLEX, 0.0, ""),
    "skew": (SKEW_FIRST, 0.0, "GMRES"),
}


@pytest.mark.parametrize(("terms", "shift", "method"), SYSTEMS.values(), ids=SYSTEMS.keys())
@pytest.mark.parametrize("shape", [(12,), (12, 2)])
def test_solve(run, terms, shift, method, shape):
    K, b = saved(terms), RNG.standard_normal(shape)
    np.save("b.npy", b)
    result = run("solve", "F.npz", "b.npy", "-o", "x.npy", "--shift", shift)
    assert result.code == 0, result.err
    assert method in result.err
    np.testing.assert_allclose(np.load("x.npy"), np.linalg.solve(K + shift * np.eye(12), b), rtol=1e-7, atol=1e-9)


def test_solve_json(run):
    K, b = saved(DEFINITE), RNG.standard_normal(12)
    np.save("b.npy", b)
    result = run("solve", "F.npz", "b.npy", "--json")
    fields = json.loads(result.out)
    assert fields["residual"] <= 1e-10
    np.testing.assert_allclose(K @ fields["x"], b, rtol=1e-8)


def test_a_zero_right_hand_side(run):
    saved(DEFINITE)
    np.save("b.npy", np.zeros(12))
    assert run("solve", "F.npz", "b.npy", "-o", "x.npy").code == 0
    assert not np.load("x.npy").any()


SINGULAR = np.diag([1.0, 0.0, 2.0])
BAD = {
    "singular, one term": ("solve", ((SINGULAR, definite(4)),), 12, "singular"),
    "singular, two terms": ("solve", ((SINGULAR, definite(4)), (SINGULAR, small(4))), 12, "singular"),
    "not square": ("solve", ((np.ones((3, 2)), definite(4)),), 12, "12 × 8 is not square"),
    "length of b": ("solve", DEFINITE, 11, "b has 11 rows; 12 are due"),
    "length of x": ("apply", DEFINITE, 11, "11"),
}


@pytest.mark.parametrize(("command", "terms", "length", "message"), BAD.values(), ids=BAD.keys())
def test_bad_systems_are_one_clear_line(run, tmp_path, command, terms, length, message):
    saved(terms)
    np.save("b.npy", np.ones(length))
    np.save("x.npy", np.zeros(2))
    result = run(command, "F.npz", "b.npy", "-o", "x.npy")
    assert result.code == 2
    assert message in result.err
    assert len(result.err.splitlines()) == 1
    np.testing.assert_array_equal(np.load("x.npy"), np.zeros(2))


@pytest.mark.parametrize("command", ["apply", "solve"])
def test_bad_files_are_one_clear_line(run, tmp_path, command):
    saved(ONE)
    np.save("b.npy", np.ones(12))
    (tmp_path / "garbage.npz").write_bytes(b"PK\x03\x04 and more")
    for arguments, message in [
        (("nowhere.npz", "b.npy"), "nowhere.npz: no such file"),
        (("garbage.npz", "b.npy"), "garbage.npz: not a whole factor file"),
        (("F.npz", "nowhere.npy"), "nowhere.npy: no such file"),
        (("F.npz", "b.npy", "-o", "x.mat"), "x.mat: unknown kind of file to write"),
        (("F.npz", "b.npy", "-o", "b.npy"), "b.npy: is the file being read"),
        (("F.npz", "b.npy", "-o", "F.npz"), "F.npz: is the file being read"),
        (("F.npz",), "Missing argument"),
    ]:
        result = run(command, *arguments)
        assert (result.code, len(result.err.splitlines())) == (2, 1)
        assert message in result.err


def test_complex_json_is_pairs(run):
    K, b = saved(ONE), RNG.standard_normal((12, 2)) + 1j * RNG.standard_normal((12, 2))
    np.save("b.npy", b)
    result = run("solve", "F.npz", "b.npy", "--json")
    assert result.code == 0, result.err
    pairs = np.array(json.loads(result.out)["x"])
    assert pairs.shape == (12, 2, 2)
    np.testing.assert_allclose(K @ (pairs[..., 0] + 1j * pairs[..., 1]), b, rtol=1e-10)


def test_the_residual_of_a_large_right_hand_side_is_a_number(run):
    saved(ONE)
    np.save("b.npy", np.full(12, 1e300))
    assert json.loads(run("solve", "F.npz", "b.npy", "--json").out)["residual"] < 1e-12


@pytest.mark.parametrize(("option", "value"), [("--shift", "nan"), ("--shift", "-inf"), ("--tol", "inf")])
def test_options_that_are_not_finite_are_refused(run, option, value):
    saved(DEFINITE)
    np.save("b.npy", np.ones(12))
    result = run("solve", "F.npz", "b.npy", option, value)
    assert (result.code, result.out) == (2, "")
    assert result.err == f"otimes: {option} {value}: a finite number is due\n"
