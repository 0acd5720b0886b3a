"""CP: weights and a stack of matrices per slot; its dense twin term by term."""

import numpy as np
from market import COARSE, case
from tensor_formats import cores, cp_twin, stacks

import otimes as ox


def cases():
    shapes = {
        "two square slots": ((3, 2, 2), (3, 3, 3)),
        "three square slots": ((2, 2, 2), (2, 3, 3), (2, 2, 2)),
        "rectangular": ((3, 2, 3), (3, 3, 1), (3, 1, 2)),
        "square of rectangles": ((2, 2, 3), (2, 3, 2)),
        "one slot": ((3, 3, 3),),
        "one term": ((1, 2, 2), (1, 3, 3)),
        "more terms than there need be": ((7, 2, 1), (7, 1, 3)),
        "1x1": ((2, 1, 1), (2, 1, 1)),
        "size 0": ((2, 2, 2), (2, 0, 3)),
        # 3000² matrices in each stack of a product: too many to multiply out
        "many terms": ((3000, 2, 2), (3000, 1, 1)),
    }
    for name, slots in shapes.items():
        weights, matrices = cores(slots[0][:1], seed=1)[0], stacks(*slots)
        yield case(name, lambda w=weights, matrices=matrices: ox.cp(w, matrices), cp_twin(weights, matrices))
    for dtype in (complex, np.float32, int):
        weights, matrices = cores((3,), dtype=dtype, seed=1)[0], stacks((3, 2, 2), (3, 3, 3), dtype=dtype)
        make = lambda w=weights, matrices=matrices: ox.cp(w, matrices)  # noqa: E731  used once, below
        yield case(np.dtype(dtype).name, make, cp_twin(weights, matrices))
    coarse = cores((3,), dtype=np.float32)[0]
    fine = stacks((3, 2, 2), (3, 3, 3))
    yield case("float32 weights", lambda: ox.cp(coarse, fine), cp_twin(coarse, fine), COARSE)
    yield case("no weights", lambda: ox.cp(None, fine), cp_twin(np.ones(3), fine))
