"""Pictures of factorizations, fields and errors, drawn from given numbers; needs ``pip install "otimes[plot]"``."""

from otimes.plots.convergence import plot_convergence, plot_spectrum
from otimes.plots.correlation import plot_correlation_maps
from otimes.plots.factorization import plot_factorization
from otimes.plots.fields import plot_slices
from otimes.plots.style import check_picture, product_name, save_figure
from otimes.plots.thumbnail import thumbnail

__all__ = [
    "check_picture",
    "plot_convergence",
    "plot_correlation_maps",
    "plot_factorization",
    "plot_slices",
    "plot_spectrum",
    "product_name",
    "save_figure",
    "thumbnail",
]
