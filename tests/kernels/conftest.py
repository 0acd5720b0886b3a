"""Every test of this folder that asks for `kernel` runs on each kernel that is there."""

import pytest

import otimes as ox
from otimes.kernels import native


@pytest.fixture(params=["numpy", "native"], scope="module")
def kernel(request):
    """The name of the kernel that multiplies."""
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "numpy":
            patch.setattr(native, "module", None)
        elif native.module is None:
            pytest.skip(f"no compiled kernel: {native.reason}")
        assert ox.kernel_info().name == request.param
        yield request.param
