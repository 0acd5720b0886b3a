"""What came from where in a Kronecker product: for the terminal, the notebook and LaTeX."""

from otimes.pictures.show import Picture, show

__all__ = ["Picture", "show"]
