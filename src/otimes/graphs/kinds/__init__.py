"""The products of graphs by their names."""

from otimes.graphs.kinds.cartesian import Cartesian
from otimes.graphs.kinds.kind import Kind
from otimes.graphs.kinds.lexicographic import Lexicographic
from otimes.graphs.kinds.strong import Strong
from otimes.graphs.kinds.tensor import Tensor

KINDS: dict[str, Kind] = {kind.name: kind for kind in (Cartesian(), Tensor(), Strong(), Lexicographic())}
