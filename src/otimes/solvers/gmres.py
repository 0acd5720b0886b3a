"""Generalized minimal residuals, by SciPy."""

from dataclasses import dataclass
from typing import Any

import scipy.sparse.linalg

from otimes.core.array import Array
from otimes.core.checks import require_size
from otimes.errors import ShapeError
from otimes.solvers.by_scipy import column_by_column
from otimes.solvers.iterative import Iterative, require_numpy


@dataclass(frozen=True, kw_only=True)
class GMRES(Iterative):
    """The method of generalized minimal residuals, restarted, for any square operator, by `scipy.sparse.linalg.gmres`.

    Column by column; NumPy arrays only. `restart` bounds the vectors kept, iterations are counted
    as products with A. The callback is called at each restart. The other settings are those of `Iterative`.

    References
    ----------
    Saad & Schultz (1986), GMRES: a generalized minimal residual algorithm for solving nonsymmetric linear systems.

    Examples
    --------
    >>> import numpy as np, otimes as ox
    >>> A = ox.kronsum([[2.0, 5.0], [-1.0, 2.0]], [[3.0, 1.0], [0.0, 3.0]])
    >>> ox.GMRES().solve(A, A @ np.arange(4.0)).value.round(6)
    array([0., 1., 2., 3.])
    """

    restart: int = 20

    def __post_init__(self) -> None:
        super().__post_init__()
        if require_size(self.restart, "GMRES: restart") == 0:
            raise ShapeError("GMRES: restart=0 keeps no vector; give one ≥ 1")

    def _run(self, A: Any, B: Array, X: Array, due: Array, limit: int) -> tuple[Array, int]:
        require_numpy(B, "GMRES")
        restart = min(self.restart, limit, A.shape[0])
        return column_by_column(
            scipy.sparse.linalg.gmres,
            A.__matmul__,
            self._preconditioning(A, B),
            B,
            X,
            due,
            restart=restart,
            maxiter=max(1, limit // restart),
            callback=self._report,
            callback_type="x",
        )
