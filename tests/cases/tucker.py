"""Tucker: a core and a stack of matrices per slot; its dense twin term by term."""

import numpy as np
from market import COARSE, case
from tensor_formats import cores, stacks, tucker_twin

import otimes as ox


def cases():
    parts = {
        "two square slots": ((2, 3), (2, 2, 2), (3, 3, 3)),
        "three square slots": ((2, 1, 3), (2, 2, 2), (1, 3, 3), (3, 2, 2)),
        "three slots, ranks high": ((3, 4, 3), (3, 2, 2), (4, 1, 1), (3, 2, 2)),
        "rectangular": ((2, 3, 2), (2, 2, 3), (3, 3, 1), (2, 1, 2)),
        "square of rectangles": ((2, 2), (2, 2, 3), (2, 3, 2)),
        "wide then tall": ((6, 6), (6, 1, 6), (6, 6, 1)),  # of full rank: what is singular but for rounding is no case
        "one slot": ((2,), (2, 3, 3)),
        "rank 1": ((1, 1), (1, 2, 2), (1, 3, 3)),
        "1x1": ((1, 2), (1, 1, 1), (2, 1, 1)),
        "size 0": ((2, 1), (2, 2, 2), (1, 0, 3)),
        # 3000² matrices in each stack of a product: too many to multiply out
        "high ranks": ((3000, 1), (3000, 1, 1), (1, 2, 2)),
    }
    for name, (core, *shapes) in parts.items():
        G, matrices = cores(core, seed=1)[0], stacks(*shapes)
        yield case(name, lambda G=G, matrices=matrices: ox.tucker(G, matrices), tucker_twin(G, matrices))
    for dtype in (complex, np.float32, int):
        G, matrices = cores((2, 3), dtype=dtype, seed=1)[0], stacks((2, 2, 2), (3, 3, 3), dtype=dtype)
        make = lambda G=G, matrices=matrices: ox.tucker(G, matrices)  # noqa: E731  used once, below
        yield case(np.dtype(dtype).name, make, tucker_twin(G, matrices))
    G, matrices = cores((2, 3), dtype=np.float32)[0], stacks((2, 2, 2), (3, 3, 3))
    yield case("float32 core", lambda: ox.tucker(G, matrices), tucker_twin(G, matrices), COARSE)
