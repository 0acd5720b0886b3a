"""The residual on random vectors agrees with the true one, and a false claim is caught."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

import otimes as ox
from otimes.cli.selfcheck import self_check
from otimes.errors import OtimesError

RNG = np.random.default_rng(5)
M = RNG.standard_normal((30, 20))
NEAR = M + 0.3 * RNG.standard_normal((30, 20))
TRUE = float(np.linalg.norm(M - NEAR) / np.linalg.norm(M))


def approximation(operator, error, kind="exact", standard_error=0.0):
    certificate = ox.Certificate(kind, standard_error=standard_error)
    return SimpleNamespace(operator=operator, error=error, certificate=certificate)


def test_the_measured_error_is_the_true_one():
    check = self_check(M, approximation(operator=NEAR, error=TRUE))
    assert abs(check.error - TRUE) <= 6 * check.standard_error
    assert 0 < check.standard_error < 0.2 * TRUE


def test_the_standard_error_covers_the_spread_of_repetitions():
    checks = [self_check(M, approximation(operator=NEAR, error=TRUE)) for _ in range(60)]
    spread = np.std([check.error for check in checks], ddof=1)
    assert spread == pytest.approx(np.mean([check.standard_error for check in checks]), rel=0.4)


def test_exact_zero_and_sparse():
    assert self_check(M, approximation(operator=M, error=0.0)).error == 0
    assert self_check(0 * M, approximation(operator=0 * M, error=0.0)).error == 0
    assert self_check(sparse.csr_array(M), approximation(operator=sparse.csr_array(M), error=1e-16)).error == 0


@pytest.mark.parametrize("claim", [0.0, TRUE / 2, 2 * TRUE])
def test_a_false_claim_is_caught(claim):
    with pytest.raises(OtimesError, match="self-check failed"):
        self_check(M, approximation(operator=NEAR, error=claim))


@pytest.mark.parametrize("scale", [1e300, 1e-300, 1e308, 5e-322])
def test_the_measurement_does_not_depend_on_the_scale(scale):
    large, near = (scale * (matrix / 4) for matrix in (M, NEAR))
    true = float(np.linalg.norm(large / scale - near / scale) / np.linalg.norm(large / scale))
    check = self_check(large, approximation(operator=near, error=true))
    assert abs(check.error - true) <= 6 * check.standard_error
    assert check.standard_error > 0
    with pytest.raises(OtimesError, match="self-check failed"):
        self_check(large, approximation(operator=near, error=2 * true))


@pytest.mark.parametrize(("dtype", "scale"), [("f2", 300), ("f4", 5e37), ("f4", 1e-37), ("i1", 25), ("c8", 5e37)])
def test_narrow_dtypes_are_measured_in_double_precision(dtype, scale):
    narrow, near = (np.clip(scale * matrix, -6 * scale, 5 * scale).astype(dtype) for matrix in (M.clip(-5, 5), NEAR))
    exact, close = (matrix.astype(np.result_type(dtype, "f8")) / scale for matrix in (narrow, near))
    true = float(np.linalg.norm(exact - close) / np.linalg.norm(exact))
    operator = near.astype(np.result_type(dtype, "f8"))
    check = self_check(narrow, approximation(operator=operator, error=true))
    assert 0 < abs(check.error - true) <= 6 * check.standard_error


def test_nan_is_no_agreement():
    with pytest.raises(OtimesError, match="measure nan"):
        self_check(M, approximation(operator=np.nan * M, error=0.0))


def test_rows_are_read_a_few_at_a_time(monkeypatch):
    monkeypatch.setattr("otimes.cli.selfcheck.ENTRIES_AT_A_TIME", 45)
    for matrix in (M, sparse.csr_array(M)):
        check = self_check(matrix, approximation(operator=NEAR, error=TRUE))
        assert abs(check.error - TRUE) <= 6 * check.standard_error


def test_the_norm_of_half_precision_does_not_overflow():
    ones = np.ones((300, 300), np.float16)
    assert self_check(ones, approximation(operator=0.9 * ones.astype(float), error=0.1)).error == pytest.approx(
        0.1, 0.9
    )


def test_an_error_is_read_as_its_certificate_says():
    self_check(M, approximation(NEAR, 2 * TRUE, "bound"))
    self_check(M, approximation(NEAR, 1.5 * TRUE, "estimate", standard_error=0.2 * TRUE))
    with pytest.raises(OtimesError, match="claims"):
        self_check(M, approximation(NEAR, 0.5 * TRUE, "bound"))
    with pytest.raises(OtimesError, match="claims"):
        self_check(M, approximation(NEAR, 1.5 * TRUE, "estimate", standard_error=0.01 * TRUE))
