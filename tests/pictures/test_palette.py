from itertools import combinations

import numpy as np
import pytest

from otimes.pictures.palette import PALETTE, entry_colours
from otimes.pictures.parse import read_matrix

# Machado, Oliveira and Fernandes (2009), full severity, on linear RGB
VISION = {
    "usual": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour):
    channels = np.array(list(bytes.fromhex(colour))) / 255
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    x, y, z = np.cbrt(TO_XYZ @ np.clip(rgb, 1e-3, 1) / (0.9505, 1, 1.089))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def contrast(one, other):
    light, dark = sorted(((TO_XYZ @ linear(colour))[1] for colour in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def nearest_pair(colours, vision):
    seen = [lab(np.array(VISION[vision]) @ linear(colour)) for colour in colours]
    return min(np.linalg.norm(one - other) for one, other in combinations(seen, 2))


@pytest.mark.parametrize("vision", VISION)
def test_colours_stay_apart(vision):
    for colours in ([colour.fill for colour in PALETTE], [colour.ink for colour in PALETTE]):
        assert nearest_pair(colours[:4], vision) > 20
        assert nearest_pair(colours, vision) > 10


@pytest.mark.parametrize("colour", PALETTE, ids=lambda colour: colour.name)
def test_text_reads(colour):
    assert contrast(colour.fill, "111111") > 7
    assert contrast(colour.ink, "FFFFFF") > 4.5


def test_up_to_eight_entries_all_differ_and_zeros_have_none():
    colours = entry_colours(read_matrix(np.eye(8), name="A"), rows=8, columns=8)
    assert list(colours) == [(i, i) for i in range(8)]
    assert list(colours.values()) == list(PALETTE)


@pytest.mark.parametrize("shape", [(12, 8), (8, 12), (12, 12), (5, 7), (1, 12), (12, 1)])
def test_neighbours_differ(shape):
    rows, columns = shape
    colours = entry_colours(read_matrix(np.ones(shape), name="A"), rows=rows, columns=columns)
    for (i, j), colour in colours.items():
        for down, across in ((0, 1), (1, -1), (1, 0), (1, 1)):
            assert colours.get((i + down, j + across)) != colour
