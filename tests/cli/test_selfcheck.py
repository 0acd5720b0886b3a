"""The residual on random vectors agrees with the true one, and a false claim is caught."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import sparse

from otimes.cli.selfcheck import self_check
from otimes.errors import OtimesError

RNG = np.random.default_rng(5)
M = RNG.standard_normal((30, 20))
NEAR = M + 0.3 * RNG.standard_normal((30, 20))
TRUE = float(np.linalg.norm(M - NEAR) / np.linalg.norm(M))


def test_the_measured_error_is_the_true_one():
    check = self_check(M, SimpleNamespace(operator=NEAR, error=TRUE))
    assert abs(check.error - TRUE) <= 6 * check.standard_error
    assert 0 < check.standard_error < 0.2 * TRUE


def test_the_standard_error_covers_the_spread_of_repetitions():
    checks = [self_check(M, SimpleNamespace(operator=NEAR, error=TRUE)) for _ in range(60)]
    spread = np.std([check.error for check in checks], ddof=1)
    assert spread == pytest.approx(np.mean([check.standard_error for check in checks]), rel=0.4)


def test_exact_zero_and_sparse():
    assert self_check(M, SimpleNamespace(operator=M, error=0.0)).error == 0
    assert self_check(0 * M, SimpleNamespace(operator=0 * M, error=0.0)).error == 0
    assert self_check(sparse.csr_array(M), SimpleNamespace(operator=sparse.csr_array(M), error=1e-16)).error == 0


@pytest.mark.parametrize("claim", [0.0, TRUE / 2, 2 * TRUE])
def test_a_false_claim_is_caught(claim):
    with pytest.raises(OtimesError, match="self-check failed"):
        self_check(M, SimpleNamespace(operator=NEAR, error=claim))
