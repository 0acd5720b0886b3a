"""SlotPermutation: of equal and of unequal sizes, symmetric or not, of stated dtype; size 1 and 0 are identities."""

import numpy as np
from market import case

import otimes as ox


def cases():
    shapes = {
        "three sizes": ((2, 0, 1), (2, 3, 4)),
        "reversal": ((2, 1, 0), (2, 3, 2)),
        "equal sizes, cycle": ((1, 2, 0), (2, 2, 2)),
        "equal sizes, swap": ((2, 1, 0), (3, 1, 3)),
        "odd": ((1, 0), (2, 3)),
        "four slots": ((0, 3, 2, 1), (2, 3, 1, 2)),
    }
    for name, (order, sizes) in shapes.items():
        yield case(name, lambda order=order, sizes=sizes: ox.permute_slots(order, sizes), permuted(order, sizes))
    for dtype in (np.float32, complex):
        dense = permuted((1, 0), (2, 3)).astype(dtype)
        yield case(np.dtype(dtype).name, lambda dtype=dtype: ox.permute_slots((1, 0), (2, 3), dtype), dense)


def permuted(order, sizes):
    """Return the rows of the identity in the order of the permuted slots."""
    index = np.arange(np.prod(sizes)).reshape(sizes).transpose(order).reshape(-1)
    return np.eye(len(index))[index]
