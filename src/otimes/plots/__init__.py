"""Pictures of factorizations, drawn from given numbers; needs ``pip install "otimes[plot]"``."""

from otimes.plots.correlation import plot_correlation_maps
from otimes.plots.factorization import plot_factorization
from otimes.plots.style import check_picture, product_name, save_figure
from otimes.plots.thumbnail import thumbnail

__all__ = [
    "check_picture",
    "plot_correlation_maps",
    "plot_factorization",
    "product_name",
    "save_figure",
    "thumbnail",
]
