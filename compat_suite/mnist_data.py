"""MNIST-format files made of real handwritten digits: scikit-learn's 1,797 images of 8x8, enlarged and shifted.

    python -m compat_suite.mnist_data DIR

writes the four files that `tensorflow.examples.tutorials.mnist.input_data` reads. Every call writes the same bytes.
"""

from __future__ import annotations

import gzip
import pathlib
import struct
import sys

import numpy as np

TRAIN, TEST = 12000, 2000


def enlarged(images: np.ndarray) -> np.ndarray:
    """[n, 8, 8] in 0..16 -> [n, 28, 28] uint8: each pixel becomes 3x3, two pixels of margin."""
    big = np.kron(images / 16.0 * 255.0, np.ones((1, 3, 3)))
    return np.pad(big, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)


def shifted(images: np.ndarray, rng: np.random.RandomState) -> np.ndarray:
    """Each image moved by up to two pixels in each direction."""
    return np.stack([np.roll(image, rng.randint(-2, 3, 2), (0, 1)) for image in images])


def write(directory: str) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    rng = np.random.RandomState(0)
    order = rng.permutation(len(digits.target))
    cut = len(order) * 4 // 5
    folder = pathlib.Path(directory)
    folder.mkdir(parents=True, exist_ok=True)
    for name, part, count in (("train", order[:cut], TRAIN), ("t10k", order[cut:], TEST)):
        chosen = part[rng.randint(0, len(part), count)]
        images = shifted(enlarged(digits.images[chosen]), rng)
        labels = digits.target[chosen].astype(np.uint8)
        _write(folder / f"{name}-images-idx3-ubyte.gz", struct.pack(">iiii", 2051, count, 28, 28) + images.tobytes())
        _write(folder / f"{name}-labels-idx1-ubyte.gz", struct.pack(">ii", 2049, count) + labels.tobytes())


def _write(path: pathlib.Path, content: bytes) -> None:
    with open(path, "wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as packed:
        packed.write(content)


if __name__ == "__main__":
    write(sys.argv[1])
