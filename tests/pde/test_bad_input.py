"""What cannot be meant is refused, by an error that says what would have worked."""

import warnings

import numpy as np
import pytest

from otimes import pde
from otimes.errors import DTypeError, NonFiniteError, ShapeError, SingularError, StructureError, TooLarge

AXES = (pde.Axis(6), pde.Axis(8, (0, 2), bc=("neumann", "dirichlet")), pde.Axis(5, bc="periodic"))  # 4 × 7 × 5
VARYING = (pde.Axis(5), pde.Axis(4, scheme="cell"))


class TestAxes:
    @pytest.mark.parametrize(
        ("make", "error", "message"),
        [
            (lambda: pde.Axis([0.0, 0.5, 0.4, 1.0]), ShapeError, r"x\[2\] = 0.4 follows x\[1\] = 0.5; np.unique"),
            (lambda: pde.Axis([0.0, 0.5, 0.5, 1.0]), ShapeError, "must increase"),
            (lambda: pde.Axis([0.0, np.nan, 1.0]), NonFiniteError, "NaN or infinite, the first at 1"),
            (lambda: pde.Axis([0.0, 1j, 1.0]), DTypeError, "must be real numbers, and are of dtype complex128"),
            (lambda: pde.Axis(["a", "b"]), DTypeError, "real numbers"),
            (lambda: pde.Axis(np.zeros((2, 2))), ShapeError, r"shape \(2, 2\); give an integer or a 1-D array"),
            (lambda: pde.Axis([[0.0], [1.0, 2.0]]), ShapeError, "ragged"),
            (lambda: pde.Axis([0.0, 1.0], (0, 1)), ShapeError, "bounds of their own"),
            (lambda: pde.Axis(5, (1, 0)), ShapeError, "low < high"),
            (lambda: pde.Axis(5, (0, np.inf)), NonFiniteError, "bounds"),
            (lambda: pde.Axis(2), ShapeError, "2 points; scheme 'fd2' needs at least 3"),
            (lambda: pde.Axis(2, bc="periodic"), ShapeError, "2 points; scheme 'fd2' needs at least 3"),
            (lambda: pde.Axis(7, scheme="fd4"), ShapeError, "7 points; scheme 'fd4' needs at least 8"),
            (lambda: pde.Axis(2, scheme="chebyshev"), ShapeError, "at least 3"),
            (lambda: pde.Axis(100_000), TooLarge, "100000 points, above the limit of 16384"),
            (lambda: pde.Axis(True), DTypeError, "real numbers"),
            (lambda: pde.Axis(np.arange(9.0) ** 2, scheme="fd4"), StructureError, "equally spaced"),
            (lambda: pde.Axis([0.0, 0.2, 1.0], scheme="chebyshev"), StructureError, "give their number"),
            (lambda: pde.Axis(9, bc="periodic", scheme="chebyshev"), StructureError, "periodic"),
            (lambda: pde.Axis(9, scheme="fd3"), StructureError, "'fd3' is none of 'fd2', 'fd4'"),
            (lambda: pde.Axis(9, bc="neuman"), StructureError, 'give "dirichlet", "neumann"'),
            (lambda: pde.Axis(9, bc=("robin", 0, 0)), StructureError, "not both zero"),
            (lambda: pde.Axis(9, bc=("robin", 1j, 0)), StructureError, "real numbers"),
            (lambda: pde.Axis(9, bc=np.ones(2)), StructureError, 'give "dirichlet", "neumann"'),
            (lambda: pde.Axis(9, bc=("periodic", "dirichlet")), StructureError, "on both faces or on none"),
            (lambda: pde.Axis(9, bc=("dirichlet",) * 4), StructureError, "or a pair of these"),
            (lambda: pde.laplacian([4, 5]), ShapeError, "must be a list of Axis"),
            (lambda: pde.laplacian([]), ShapeError, "must be a list of Axis"),
            (lambda: pde.helmholtz(pde.Axis(9), "long"), DTypeError, "the wavenumber must hold numbers"),
            (lambda: pde.helmholtz(pde.Axis(9), np.nan), NonFiniteError, "the wavenumber has entries"),
            (lambda: pde.helmholtz(pde.Axis(9), [1.0, 2.0]), ShapeError, r"shape \(2,\); give one number"),
            (lambda: pde.advection(AXES, lambda x, y, z: x), StructureError, "that is a field"),
        ],
    )
    def test_what_is_refused(self, make, error, message):
        with pytest.raises(error, match=message):
            make()


class TestSources:
    @pytest.mark.parametrize(
        ("f", "error", "message"),
        [
            (
                np.zeros((4, 6, 5)),
                ShapeError,
                r"f has shape \(4, 6, 5\); due is \(4, 7, 5\): axis 1 has 7 points, not 6",
            ),
            (np.zeros((4, 7)), ShapeError, r"f has shape \(4, 7\); due is \(4, 7, 5\): one axis for each of 3"),
            (lambda x, y, z: np.zeros((2, 2)), ShapeError, "f has values of shape"),
            (
                np.full((4, 7, 5), np.nan),
                NonFiniteError,
                r"f has entries that are NaN or infinite, the first at \(0, 0, 0\)",
            ),
            (lambda x, y, z: np.where(x > 0.7, np.inf, y + z), NonFiniteError, r"the first at \(3, 0, 0\)"),
            ("two", DTypeError, "f must hold numbers"),
        ],
    )
    def test_what_is_refused(self, f, error, message):
        with pytest.raises(error, match=message):
            pde.poisson(AXES, f)

    def test_elements_need_the_source_on_all_points(self):
        with pytest.raises(ShapeError, match="axis 0 has 6 points, not 4"):
            pde.poisson([pde.Axis(6, scheme="fem1")], np.zeros(4))


class TestBoundaryData:
    @pytest.mark.parametrize(
        ("data", "error", "message"),
        [
            ({(2, "low"): 1.0}, StructureError, "axis 2 is periodic and has no face"),
            ({(3, "low"): 1.0}, ShapeError, "of axis 3, and the grid has 3"),
            ({(0, "left"): 1.0}, StructureError, r'\(0, \'left\'\) names no face; give \(axis, "low"\)'),
            ([1.0, 2.0], StructureError, "must be a dict of faces"),
            ({(0, "low"): np.zeros((8, 4))}, ShapeError, r"datum on face \(0, 'low'\).*axis 1 has 5 points, not 4"),
            ({(0, "low"): np.nan}, NonFiniteError, r"the datum on face \(0, 'low'\)"),
            ({(0, "low"): 1.0}, StructureError, r"u = 1 and u = 0 there; make them agree.*corners=\"first\""),
            ({(0, "low"): 1.0, (1, "high"): 2.0}, StructureError, r"\(0, 'low'\) and \(1, 'high'\) meet"),
        ],
    )
    def test_what_is_refused(self, data, error, message):
        with pytest.raises(error, match=message):
            pde.poisson(AXES, 1.0, data)

    def test_faces_that_agree_are_not(self):
        data = {(0, "low"): lambda x, y, z: (2 - y) + 0 * z, (1, "high"): 0.0}
        assert pde.poisson(AXES, 1.0, data).residual < 1e-12

    def test_faces_that_agree_up_to_rounding_are_not(self):
        square = [pde.Axis(8), pde.Axis(9)]
        assert pde.poisson(square, 0.0, {(0, "low"): lambda x, y: np.sin(np.pi * y)}).residual < 1e-12

    def test_an_unknown_way_with_corners(self):
        with pytest.raises(StructureError, match='neither "raise" nor "first"'):
            pde.poisson(AXES, 1.0, {(0, "low"): 1.0}, corners="mean")


class TestSingularProblems:
    NEUMANN = (pde.Axis(np.linspace(0, 1, 9) ** 2, bc="neumann"), pde.Axis(7, (0, 3), bc="neumann"))

    def test_a_source_that_does_not_balance(self):
        with pytest.raises(SingularError, match=r"sum to 3 and must balance.*takes the mean, 1, off f"):
            pde.poisson(self.NEUMANN, 1.0)

    def test_fluxes_may_balance_it(self):
        solution = pde.poisson(self.NEUMANN, 1.0, {(0, "low"): -0.25, (0, "high"): -0.75})
        assert solution.residual < 1e-12

    def test_an_unknown_way_with_null_spaces(self):
        with pytest.raises(StructureError, match='neither "raise" nor "project"'):
            pde.poisson(self.NEUMANN, 1.0, null="ignore")

    def test_a_balance_of_fields(self):
        with pytest.raises(SingularError, match="must balance"):
            pde.Elliptic(self.NEUMANN, coefficient=lambda x, y: 1 + x * y).solve(1.0)

    def test_resonance(self):
        axes = [pde.Axis(9), pde.Axis(8, (0, 2))]
        eigenvalue = pde.Elliptic(axes).eigenpairs(3)[0][2]
        with pytest.raises(SingularError, match="a resonance at the wavenumber"):
            pde.Elliptic(axes, potential=-eigenvalue)
        with pytest.warns(RuntimeWarning, match="near resonance"):
            pde.Elliptic(axes, potential=-eigenvalue * (1 + 1e-8))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            pde.Elliptic(axes, potential=-eigenvalue * (1 + 1e-4))
            pde.Elliptic(axes, potential=-eigenvalue + 0.1j)


class TestCoefficients:
    @pytest.mark.parametrize(
        ("options", "error", "message"),
        [
            ({"coefficient": -1.0}, StructureError, "must be positive, and is -1"),
            ({"coefficient": 1j}, DTypeError, "real and positive, and is complex"),
            ({"coefficient": [1.0]}, ShapeError, "1 components on a grid of 2 axes"),
            ({"coefficient": [1.0, lambda y: y - 0.5]}, StructureError, "component 1, must be positive"),
            ({"coefficient": np.ones((4, 5))}, ShapeError, "axis 1 has 4 points, not 5"),
            ({"coefficient": np.zeros((4, 4))}, StructureError, "must be positive, and is 0"),
            ({"coefficient": np.full((4, 4), np.inf)}, NonFiniteError, "NaN or infinite"),
            ({"potential": np.nan}, NonFiniteError, "the potential"),
            ({"potential": "deep"}, DTypeError, "the potential must hold numbers"),
            ({"potential": lambda x, y: -x * y}, StructureError, "must be real and not negative"),
            ({"potential": np.ones((3, 5))}, ShapeError, "axis 1 has 4 points, not 5"),
        ],
    )
    def test_what_is_refused(self, options, error, message):
        with pytest.raises(error, match=message):
            pde.Elliptic(VARYING, **options)

    @pytest.mark.parametrize("scheme", ["fd4", "chebyshev", "fem1"])
    def test_schemes_without_volumes(self, scheme):
        with pytest.raises(StructureError, match=f'axis 1 has scheme="{scheme}"'):
            pde.diffusion([pde.Axis(9), pde.Axis(9, scheme=scheme)], lambda x, y: 1 + x * y)
        if scheme == "fd4":
            with pytest.raises(StructureError, match="takes constant coefficients"):
                pde.diffusion([pde.Axis(9, scheme=scheme)], [lambda x: 1 + x])

    @pytest.mark.parametrize("coefficient", [1.0, np.full((4, 4), 2.0)], ids=["separable", "field"])
    def test_more_eigenpairs_than_unknowns(self, coefficient):
        problem = pde.Elliptic(VARYING, coefficient=coefficient)
        assert len(problem.eigenpairs(12)[0]) == 12
        for k in (0, 13, 1.5):
            with pytest.raises(ShapeError, match="from 1 to 12"):
                problem.eigenpairs(k)

    def test_one_component_of_the_velocity_for_each_axis(self):
        with pytest.raises(ShapeError, match="3 components on a grid of 2 axes"):
            pde.advection(VARYING, (1.0, 2.0, 3.0))
