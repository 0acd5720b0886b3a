"""Yearly air temperatures over North America, and the covariance of their cells."""

from dataclasses import dataclass
from importlib import resources

import numpy as np

ATTRIBUTION = (
    "Met Office Unified Model 6.05, scenario A1B, as distributed in iris-sample-data 2.5.2 "
    "(A1B_north_america.nc); © Crown copyright, UK Open Government Licence"
)


@dataclass(frozen=True, slots=True, eq=False)
class AirTemperature:
    """Air temperature 1.5 m above the ground, a yearly mean for every cell of a grid.

    Attributes
    ----------
    temperature : (240, 37, 49) float32
        Year × latitude × longitude, in kelvin.
    latitude, longitude : (37,), (49,)
        Degrees north and east.
    year : (240,) int
        1860, …, 2099.
    attribution : str
        To be kept beside every copy.
    """

    temperature: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    year: np.ndarray
    attribution: str

    def anomalies(self, *, degree: int = 2) -> np.ndarray:
        """Return the temperatures less a polynomial trend over the years, fitted to each cell by least squares.

        Parameters
        ----------
        degree : int
            Of the polynomial; 0 removes the mean.

        Returns
        -------
        array, (240, 37, 49) float64
            In kelvin.

        Examples
        --------
        >>> import numpy as np, otimes as ox
        >>> R = ox.datasets.load_air_temperature().anomalies()
        >>> R.shape, bool(abs(R.mean(axis=0)).max() < 1e-10)
        ((240, 37, 49), True)
        """
        cells = self.temperature.reshape(len(self.year), -1).astype(float)
        basis = np.polynomial.legendre.legvander(np.linspace(-1, 1, len(self.year)), degree)
        trend = basis @ np.linalg.lstsq(basis, cells, rcond=None)[0]
        return (cells - trend).reshape(self.temperature.shape)

    def covariance(self, *, degree: int = 2) -> np.ndarray:
        """Return the covariance of the cells about their trends, over the years.

        C = Rᵀ R / (years − 1) for the anomalies R, cells in C order (latitude by latitude).

        Parameters
        ----------
        degree : int
            Of the trend removed.

        Returns
        -------
        array, (1813, 1813)
            In kelvin², symmetric, of rank at most 240 − degree − 1.

        Examples
        --------
        >>> import otimes as ox
        >>> ox.datasets.load_air_temperature().covariance().shape
        (1813, 1813)
        """
        R = self.anomalies(degree=degree).reshape(len(self.year), -1)
        return R.T @ R / (len(R) - 1)


def load_air_temperature() -> AirTemperature:
    """Return 240 years of yearly mean air temperatures over North America, 37 × 49 cells.

    Returns
    -------
    AirTemperature

    References
    ----------
    Met Office Unified Model 6.05, scenario A1B; the file README.md beside the data gives source and licence.

    Examples
    --------
    >>> import otimes as ox
    >>> air = ox.datasets.load_air_temperature()
    >>> air.temperature.shape, air.year[0], air.year[-1]
    ((240, 37, 49), np.int64(1860), np.int64(2099))
    """
    file = resources.files("otimes.datasets") / "air_temperature.npz"
    with file.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
        year = np.floor(data["time"] / (24 * 360)).astype(int) + 1970
        return AirTemperature(data["air_temperature"], data["latitude"], data["longitude"], year, ATTRIBUTION)
