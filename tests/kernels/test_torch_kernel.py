"""The product of tensors by a kernel for NumPy arrays: values, gradients of any order, and what is left to PyTorch."""

import functools
import math

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

import otimes as ox
from otimes.kernels import native, torch_kernel
from otimes.kernels import product as choice
from otimes.kernels.plan import FactorKind
from otimes.kernels.torch_kernel import JOINED_SIZE, TURNED_ENTRIES, applies, kron_matmat

REAL_AND_COMPLEX = pytest.mark.parametrize("dtype", [torch.float64, torch.complex128], ids=["real", "complex"])
PYTORCHS_OWN_SCRIPTS = pytest.mark.filterwarnings("ignore:.*torch.jit.script.*deprecated")  # in any category
BIG = JOINED_SIZE // 2 + 1  # two of this size are not joined


class Counting:
    """A kernel of einsum that keeps what it was called with."""

    def __init__(self):
        self.calls = []

    def __call__(self, factors, kinds, X):
        assert isinstance(X, np.ndarray)
        self.calls.append(([F.array for F in factors], kinds, X))
        Y = X.reshape(*(kind.columns for kind in kinds), X.shape[1])
        for axis, F in enumerate(factors):
            if F.kind == "dense":
                Y = np.moveaxis(np.tensordot(F.array, Y, (1, axis)), 0, axis)
        return np.array(Y.reshape(math.prod(kind.rows for kind in kinds), X.shape[1]))


@pytest.fixture
def kernel():
    return Counting()


def tensor(seed, *shape, dtype=torch.float64, grad=False):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, dtype=dtype, generator=generator).requires_grad_(grad)


def product(kernel, *arrays, X):
    """The product by the kernel; a number among the arrays is the size of an identity."""
    factors = [ox.eye(a) if isinstance(a, int) else ox.Dense(a) for a in arrays]
    return kron_matmat(kernel, factors, tuple(FactorKind(*F.shape, F.kind) for F in factors), X)


def formed(*arrays):
    eyes = [torch.eye(a, dtype=torch.float64) if isinstance(a, int) else a for a in arrays]
    return functools.reduce(lambda A, B: torch.kron(A.contiguous(), B.contiguous()), eyes)


def gradients(result, inputs, seed=9):
    G = tensor(seed, *result.shape, dtype=result.dtype)
    return torch.autograd.grad(result, inputs, G)


def assert_gradients(kernel, arrays, X):
    """Value and gradients against those of the formed product."""
    inputs = [t for t in (X, *arrays) if isinstance(t, torch.Tensor) and t.requires_grad]
    found, wanted = product(kernel, *arrays, X=X), formed(*arrays).to(X.dtype) @ X
    torch.testing.assert_close(found, wanted)
    for one, other in zip(gradients(found, inputs), gradients(wanted, inputs), strict=True):
        torch.testing.assert_close(one, other)


SHAPES = {
    "one": [(3, 2)],
    "joined": [(3, 2), (2, 3), (1, 2)],
    "two of their own": [(BIG, 2), (3, BIG)],
    "three": [(BIG, 2), (2, BIG), (BIG, 3)],
    "five, some joined": [(2, 3), (40, 2), (2, 3), (1, 4), (2, 30)],
}


@REAL_AND_COMPLEX
@pytest.mark.parametrize("columns", [0, 1, 3, 20])
@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES)
def test_gradients_are_those_of_the_formed_product(kernel, dtype, shapes, columns):
    arrays = [tensor(i, *shape, dtype=dtype, grad=True) for i, shape in enumerate(shapes)]
    assert_gradients(kernel, arrays, tensor(7, math.prod(n for _, n in shapes), columns, dtype=dtype, grad=True))


@pytest.mark.parametrize("needed", range(1, 16))
def test_only_what_needs_a_gradient_gets_one(kernel, needed):
    shapes = [(BIG, 2), (3, BIG), (2, 2)]
    arrays = [tensor(i, *shape, grad=bool(needed >> i & 1)) for i, shape in enumerate(shapes)]
    X = tensor(7, 4 * BIG, 3, grad=needed >= 8)
    assert_gradients(kernel, arrays, X)
    result = product(kernel, *arrays, X=X)
    kernel.calls.clear()
    result.sum().backward()
    assert [a.grad is not None for a in (*arrays, X)] == [bool(needed >> i & 1) for i in range(4)]
    if needed in (1, 2, 4, 8):  # one of them: one product brings the others to where they are contracted, or two
        assert len(kernel.calls) <= 2


@pytest.mark.parametrize("arrays", [(2, (3, 3), 2), ((BIG, 2), 3, (3, 2)), (3, (2, 3)), ((2, 3), 3)], ids=str)
def test_identities(kernel, arrays):
    arrays = [a if isinstance(a, int) else tensor(i, *a, grad=True) for i, a in enumerate(arrays)]
    size = math.prod(a if isinstance(a, int) else a.shape[1] for a in arrays)
    assert_gradients(kernel, arrays, tensor(7, size, 4, grad=True))


@pytest.mark.parametrize("columns", [1, 2, 5])
@pytest.mark.parametrize("turned", range(3, 12, 4))
def test_contractions_in_blocks(kernel, monkeypatch, columns, turned):
    monkeypatch.setattr(torch_kernel, "TURNED_ENTRIES", turned * columns)
    monkeypatch.setattr(torch_kernel, "JOINED_SIZE", 1)
    assert TURNED_ENTRIES >= 2**12
    arrays = [tensor(i, *shape, grad=True) for i, shape in enumerate([(3, 2), (2, 3), (4, 2)])]
    X = tensor(7, 12, columns)
    for laid_out in (X, X.T.contiguous().T, torch.cat([X, X], 1)[:, ::2], X[:, :1].expand(12, columns)):
        assert_gradients(kernel, arrays, laid_out.detach().requires_grad_())


@REAL_AND_COMPLEX
def test_gradients_of_gradients(kernel, dtype, monkeypatch):
    arrays = [tensor(i, *shape, dtype=dtype, grad=True) for i, shape in enumerate([(2, 3), (3, 2), (2, 1)])]
    X = tensor(7, 6, 2, dtype=dtype, grad=True)
    for joined in (1, JOINED_SIZE):
        monkeypatch.setattr(torch_kernel, "JOINED_SIZE", joined)
        assert gradcheck(lambda X, *arrays: product(kernel, *arrays, X=X), (X, *arrays))
        assert gradgradcheck(lambda X, *arrays: product(kernel, *arrays, X=X), (X, *arrays))


@pytest.mark.parametrize("joined", [1, JOINED_SIZE])
@PYTORCHS_OWN_SCRIPTS
@REAL_AND_COMPLEX
def test_gradients_that_pytorch_transforms(kernel, dtype, joined, monkeypatch):
    """Many gradients at once, and tangents of gradients: it must see operations of its own."""
    monkeypatch.setattr(torch_kernel, "JOINED_SIZE", joined)
    A, B = tensor(0, 2, 3, dtype=dtype, grad=True), tensor(1, 3, 2, dtype=dtype, grad=True)
    X = tensor(7, 12, 2, dtype=dtype, grad=True)

    def f(A, B, X):
        return product(kernel, A, 2, B, X=X)

    assert gradcheck(f, (A, B, X), check_batched_grad=True)
    assert gradgradcheck(f, (A, B, X), check_batched_grad=True)
    result = f(A, B, X)
    with torch.autograd.forward_ad.dual_level():
        G = torch.autograd.forward_ad.make_dual(torch.ones_like(result), 2 * torch.ones_like(result))
        for gradient in torch.autograd.grad(result, (A, B, X), G):
            primal, tangent = torch.autograd.forward_ad.unpack_dual(gradient)
            torch.testing.assert_close(tangent, 2 * primal)


def test_gradients_of_third_order(kernel):
    A, B, X = tensor(0, 2, 2, grad=True), tensor(1, 2, 2, grad=True), tensor(2, 4, 2, grad=True)

    def third(multiply):
        value = (multiply(A, B, X) ** 3).sum()
        for variable in (A, B, X):
            (slope,) = torch.autograd.grad(value, variable, create_graph=True)
            value = (slope**2).sum()
        return value

    torch.testing.assert_close(
        third(lambda A, B, X: product(kernel, A, B, X=X)), third(lambda A, B, X: torch.kron(A, B) @ X)
    )


@REAL_AND_COMPLEX
def test_tensors_of_any_memory_order(kernel, dtype):
    A, B = tensor(0, 4, 3, dtype=dtype).T, tensor(1, 6, 4, dtype=dtype)[::2]
    X = tensor(2, 5, 16, dtype=dtype)
    layouts = [X.T, X.mH, X.mH[:, ::2], X.T[:, :1].expand(16, 3), X.mT.imag if X.is_complex() else -X.mT]
    for Z in (layout.to(dtype) for layout in layouts):
        torch.testing.assert_close(product(kernel, A, B, X=Z), formed(A, B) @ Z)
        torch.testing.assert_close(product(kernel, A.conj(), B, X=Z), formed(A.conj(), B) @ Z)


def test_nothing_is_copied(kernel):
    A, X = tensor(0, 4, 3).T, tensor(1, 5, 8).T
    A.requires_grad_()
    result = product(kernel, A, 2, X=X)
    ((views, _, seen),) = kernel.calls
    assert seen.ctypes.data == X.data_ptr()
    assert views[0].ctypes.data == A.data_ptr()
    assert seen.strides == tuple(8 * stride for stride in X.stride())
    kernel.calls.clear()
    result.sum().backward()
    assert not kernel.calls  # there is one contraction, and the identity is no product


def saved(function):
    """How many entries are kept for the gradients."""
    entries = []
    with torch.autograd.graph.saved_tensors_hooks(lambda t: entries.append(t.numel()) or t, lambda t: t):
        function()
    return sum(entries)


def test_what_is_kept_for_the_gradients(kernel):
    A, B, X = tensor(0, 4, 4, grad=True), tensor(1, 4, 4), tensor(2, 16, 100, grad=True)
    assert saved(lambda: product(kernel, A, B, X=X)) == 16 + 16 + 1600
    assert saved(lambda: product(kernel, B, B, X=X)) == 16 + 16  # X is not needed for its own gradient
    with torch.no_grad():
        assert saved(lambda: product(kernel, A, B, X=X)) == 0


def test_a_factor_that_occurs_twice(kernel):
    A, X = tensor(0, 3, 3, grad=True), tensor(1, 9, 2)
    assert_gradients(kernel, [A, A], X)


def test_x_changed_in_place_is_noticed(kernel):
    A, X = tensor(0, 3, 3, grad=True), tensor(1, 3, 2)
    result = product(kernel, A, X=X)
    X.zero_()
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        result.sum().backward()


def dense(*arrays):
    return [ox.Dense(a) for a in arrays]


class TestWhereItApplies:
    """Everything else PyTorch multiplies by its own operations."""

    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.complex64, torch.complex128], ids=str)
    def test_plain_tensors_and_parameters(self, dtype):
        A, X = torch.ones(2, 2, dtype=dtype), torch.ones(2, 1, dtype=dtype)
        assert applies(dense(A), X)
        assert applies(dense(torch.nn.Parameter(A)), X)
        assert applies([ox.eye(3), *dense(A)], X)
        assert applies(dense(A.mH), X.conj())

    def test_other_libraries_dtypes_and_devices(self):
        A = torch.ones(2, 2)
        assert not applies(dense(A), np.ones((2, 1)))
        for dtype in (torch.int64, torch.bool, torch.float16, torch.bfloat16):
            assert not applies(dense(A.to(dtype)), A.to(dtype))
        assert not applies(dense(A.to("meta")), A.to("meta"))
        assert not applies(dense(A), A.to_sparse())

    def test_subclasses_of_tensors(self):
        class Own(torch.Tensor):
            pass

        A = torch.ones(2, 2)
        assert not applies(dense(A), A.as_subclass(Own))
        assert not applies(dense(A.as_subclass(Own)), A)

    def test_factors_that_multiply_themselves(self):
        A = torch.ones(2, 2)
        assert not applies([ox.diag(torch.ones(2)), *dense(A)], A)
        assert not applies([ox.permutation([1, 0]), *dense(A)], A)


@PYTORCHS_OWN_SCRIPTS
@pytest.mark.filterwarnings("ignore:Dynamo:UserWarning")  # that it looks through the caches of functions
class TestWhatPyTorchMustSee:
    """Transforms and traces, through the public product: it falls back to operations that they know."""

    A, B = tensor(0, 3, 2), tensor(1, 2, 2)
    X = tensor(2, 4, 3)

    @staticmethod
    def value(A, B, X):
        return ox.kron(A, B) @ X

    @staticmethod
    def wanted(A, B, X):
        return torch.kron(A, B) @ X

    def same(self, transform):
        torch.testing.assert_close(transform(self.value), transform(self.wanted))

    @pytest.mark.parametrize("argument", [0, 1, 2])
    def test_functional_gradients(self, argument):
        operands = (self.A, self.B, self.X)
        self.same(lambda f: torch.func.grad(lambda *o: (f(*o) ** 2).sum(), argument)(*operands))
        self.same(lambda f: torch.func.jacrev(f, argument)(*operands))
        self.same(lambda f: torch.func.jacfwd(f, argument)(*operands))
        self.same(lambda f: torch.func.hessian(lambda *o: (f(*o) ** 3).sum(), argument)(*operands))

    def test_functional_tangents(self):
        self.same(lambda f: torch.func.jvp(f, (self.A, self.B, self.X), (self.A, self.B, self.X)))
        self.same(lambda f: torch.func.vjp(f, self.A, self.B, self.X)[1](torch.ones(6, 3, dtype=torch.float64)))

    def test_vectorized(self):
        many = torch.stack([self.X, 2 * self.X])
        self.same(lambda f: torch.func.vmap(f, (None, None, 0))(self.A, self.B, many))
        self.same(lambda f: torch.func.vmap(f, (0, None, None))(torch.stack([self.A, -self.A]), self.B, self.X))

    def test_forward_differentiation(self):
        import torch.autograd.forward_ad as forward

        def tangent(f):
            with forward.dual_level():
                dual = forward.make_dual(self.X, torch.ones_like(self.X))
                return forward.unpack_dual(f(self.A, self.B, dual)).tangent

        self.same(tangent)

    def test_traced_graphs(self):
        from torch.fx.experimental.proxy_tensor import make_fx

        traced = make_fx(self.value)(self.A, self.B, self.X)
        torch.testing.assert_close(traced(self.A, self.B, 2 * self.X), 2 * self.wanted(self.A, self.B, self.X))

    def test_compiled(self):
        compiled = torch.compile(self.value, backend="eager")
        torch.testing.assert_close(compiled(self.A, self.B, self.X), self.wanted(self.A, self.B, self.X))
        A = self.A.clone().requires_grad_()
        compiled(A, self.B, self.X).sum().backward()
        other = self.A.clone().requires_grad_()
        self.wanted(other, self.B, self.X).sum().backward()
        torch.testing.assert_close(A.grad, other.grad)

    def test_none_of_them_is_taken(self, monkeypatch):
        asked = []
        monkeypatch.setattr(torch_kernel, "_plain", lambda *_: True)

        def f(X):
            asked.append(applies(dense(self.A), X))
            return X.sum()

        torch.func.grad(f)(self.X)
        torch.func.vmap(f)(self.X)
        assert asked == [False, False]
        f(self.X)
        assert asked[-1]


@pytest.mark.parametrize("columns", [1, 5])
def test_public_products_take_it(kernel, monkeypatch, columns):
    """With a compiled kernel; by the one that multiplies arrays of NumPy."""
    monkeypatch.setattr(native, "module", native.module or object())
    seen = []
    monkeypatch.setattr(torch_kernel, "_view", lambda tensor: seen.append(tensor) or tensor.detach().numpy())
    A, B = tensor(0, 3, 2, dtype=torch.float32, grad=True), tensor(1, 2, 2, grad=True)
    X = tensor(2, 12, columns, grad=True)
    monkeypatch.setattr(choice, "kron_matmat", kernel)
    K = ox.kron(A, ox.eye(3), B)
    result = K @ X
    assert result.requires_grad
    assert seen
    wanted = formed(A.double(), 3, B) @ X
    torch.testing.assert_close(result, wanted)
    for one, other in zip(gradients(result, (A, B, X)), gradients(wanted, (A, B, X)), strict=True):
        torch.testing.assert_close(one, other)
    seen.clear()
    many = tensor(3, 2, 12, columns)
    torch.testing.assert_close(K @ many, formed(A.double(), 3, B) @ many)
    torch.testing.assert_close(many[0, :, 0] @ K.T, formed(A.double(), 3, B) @ many[0, :, 0])
    assert seen
    monkeypatch.setattr(native, "module", None)
    seen.clear()
    torch.testing.assert_close(K @ X, wanted)
    assert not seen


def test_a_version_of_pytorch_that_is_asked_otherwise_multiplies_itself(monkeypatch):
    A = torch.ones(2, 2)
    assert applies(dense(A), A)
    monkeypatch.delattr(torch._C, "_len_torch_dispatch_stack")
    assert not applies(dense(A), A)
