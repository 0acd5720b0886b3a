"""Small real data with its provenance."""

from otimes.datasets.air_temperature import AirTemperature, load_air_temperature

__all__ = ["AirTemperature", "load_air_temperature"]
