"""Small real data with its provenance."""

from otimes.datasets.air_temperature import AirTemperature, load_air_temperature
from otimes.datasets.as20 import AutonomousSystems, load_as20

__all__ = ["AirTemperature", "AutonomousSystems", "load_air_temperature", "load_as20"]
