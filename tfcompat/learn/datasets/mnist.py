"""MNIST in TF's tutorials: four idx files, cut into three data sets that deal out batches.

Batches come in TensorFlow's order: the same calls on NumPy's global generator, from the same seeds.

Source: TF 1.15, contrib/learn/python/learn/datasets/mnist.py.
"""

from __future__ import annotations

import gzip
from typing import Any

import numpy

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.seeds import graph_op_seeds
from tfcompat.learn.datasets import base
from tfcompat.platform import gfile

DEFAULT_SOURCE_URL = "https://storage.googleapis.com/cvdf-datasets/mnist/"

TRAIN_IMAGES = "train-images-idx3-ubyte.gz"
TRAIN_LABELS = "train-labels-idx1-ubyte.gz"
TEST_IMAGES = "t10k-images-idx3-ubyte.gz"
TEST_LABELS = "t10k-labels-idx1-ubyte.gz"
_FILES = (TRAIN_IMAGES, TRAIN_LABELS, TEST_IMAGES, TEST_LABELS)


def _read32(stream: Any) -> int:
    return int.from_bytes(stream.read(4), "big")


def _idx_header(stream: Any, magic: int, what: str, name: str, sizes: int) -> list[int]:
    found = _read32(stream)
    if found != magic:
        raise ValueError(f"Invalid magic number {found} in MNIST {what} file: {name}")
    return [_read32(stream) for _ in range(sizes)]


def extract_images(f: Any) -> numpy.ndarray:
    """The images [number, rows, columns, 1] in a gzipped idx file, as uint8.

    Raises: ValueError when the file does not start with 2051.
    """
    print("Extracting", f.name)
    with gzip.GzipFile(fileobj=f) as stream:
        count, rows, columns = _idx_header(stream, 2051, "image", f.name, 3)
        data = numpy.frombuffer(stream.read(rows * columns * count), dtype=numpy.uint8)
    return data.reshape(count, rows, columns, 1)


def dense_to_one_hot(labels_dense: numpy.ndarray, num_classes: int) -> numpy.ndarray:
    """Class numbers as rows of zeros with a one."""
    one_hot = numpy.zeros((labels_dense.shape[0], num_classes))
    one_hot[numpy.arange(labels_dense.shape[0]), labels_dense.ravel()] = 1
    return one_hot


def extract_labels(f: Any, one_hot: bool = False, num_classes: int = 10) -> numpy.ndarray:
    """The labels in a gzipped idx file, as uint8 or one-hot.

    Raises: ValueError when the file does not start with 2049.
    """
    print("Extracting", f.name)
    with gzip.GzipFile(fileobj=f) as stream:
        (count,) = _idx_header(stream, 2049, "label", f.name, 1)
        labels = numpy.frombuffer(stream.read(count), dtype=numpy.uint8)
    return dense_to_one_hot(labels, num_classes) if one_hot else labels


class DataSet:
    """Images and labels, dealt out in batches, shuffled anew for every epoch."""

    def __init__(
        self,
        images: Any,
        labels: Any,
        fake_data: bool = False,
        one_hot: bool = False,
        dtype: Any = dtypes.float32,
        reshape: bool = True,
        seed: int | None = None,
    ) -> None:
        """`dtype` float32 scales to [0, 1], uint8 leaves [0, 255]; `reshape` makes each image a row.

        Raises: TypeError for another dtype.
        """
        graph_seed, op_seed = graph_op_seeds(stacks.get_default_graph(), seed)
        numpy.random.seed(graph_seed if seed is None else op_seed)
        dtype = dtypes.as_dtype(dtype).base_dtype
        if dtype not in (dtypes.uint8, dtypes.float32):
            raise TypeError(f"Invalid image dtype {dtype!r}, expected uint8 or float32")
        if fake_data:
            self._num_examples = 10000
            self.one_hot = one_hot
        else:
            if images.shape[0] != labels.shape[0]:
                raise AssertionError(f"images.shape: {images.shape} labels.shape: {labels.shape}")
            self._num_examples = images.shape[0]
            if reshape:
                assert images.shape[3] == 1
                images = images.reshape(images.shape[0], images.shape[1] * images.shape[2])
            if dtype == dtypes.float32:
                images = numpy.multiply(images.astype(numpy.float32), 1.0 / 255.0)
        self._images = images
        self._labels = labels
        self._epochs_completed = 0
        self._index_in_epoch = 0

    @property
    def images(self) -> Any:
        """All images, in the order of the current epoch."""
        return self._images

    @property
    def labels(self) -> Any:
        """All labels, in the order of the current epoch."""
        return self._labels

    @property
    def num_examples(self) -> int:
        """How many images there are."""
        return self._num_examples

    @property
    def epochs_completed(self) -> int:
        """How many times all images have been dealt out."""
        return self._epochs_completed

    def _shuffle(self) -> None:
        order = numpy.arange(self._num_examples)
        numpy.random.shuffle(order)
        self._images = self._images[order]
        self._labels = self._labels[order]

    def next_batch(self, batch_size: int, fake_data: bool = False, shuffle: bool = True) -> tuple[Any, Any]:
        """The next images and labels; a batch may hold the end of one epoch and the start of the next."""
        if fake_data:
            label = [1] + [0] * 9 if self.one_hot else 0
            return [[1] * 784 for _ in range(batch_size)], [label for _ in range(batch_size)]
        start = self._index_in_epoch
        if self._epochs_completed == 0 and start == 0 and shuffle:
            self._shuffle()
        if start + batch_size <= self._num_examples:
            self._index_in_epoch = start + batch_size
            return self._images[start : start + batch_size], self._labels[start : start + batch_size]
        self._epochs_completed += 1
        old_images, old_labels = self._images[start:], self._labels[start:]
        if shuffle:
            self._shuffle()
        self._index_in_epoch = batch_size - len(old_images)
        new = slice(0, self._index_in_epoch)
        images = numpy.concatenate((old_images, self._images[new]), axis=0)
        return images, numpy.concatenate((old_labels, self._labels[new]), axis=0)


def _fetch(train_dir: str, source_url: str) -> list[str]:
    try:
        return [base.maybe_download(name, train_dir, source_url + name) for name in _FILES]
    except OSError as error:
        raise OSError(
            f"MNIST needs the four files {', '.join(_FILES)} in {train_dir!r}; "
            f"put them there when there is no network. {error}"
        ) from error


def read_data_sets(
    train_dir: str,
    fake_data: bool = False,
    one_hot: bool = False,
    dtype: Any = dtypes.float32,
    reshape: bool = True,
    validation_size: int = 5000,
    seed: int | None = None,
    source_url: str = DEFAULT_SOURCE_URL,
) -> base.Datasets:
    """(train, validation, test) of the MNIST files in a directory, downloaded first where they are missing.

    The first `validation_size` training images are for validation.
    Raises: OSError naming the four files when one is missing and cannot be downloaded; ValueError for a
    `validation_size` beyond the training images.
    """
    if fake_data:
        train, validation, test = (
            DataSet([], [], fake_data=True, one_hot=one_hot, dtype=dtype, seed=seed) for _ in range(3)
        )
        return base.Datasets(train=train, validation=validation, test=test)
    arrays = []
    for path in _fetch(train_dir, source_url or DEFAULT_SOURCE_URL):
        with gfile.Open(path, "rb") as f:
            arrays.append(
                extract_images(f) if "images" in path.rpartition("/")[2] else extract_labels(f, one_hot=one_hot)
            )
    train_images, train_labels, test_images, test_labels = arrays
    if not 0 <= validation_size <= len(train_images):
        raise ValueError(f"Validation size should be between 0 and {len(train_images)}. Received: {validation_size}.")
    n = validation_size
    # In this order: each seeds NumPy's generator, so the last one made decides where it stands.
    train = DataSet(train_images[n:], train_labels[n:], dtype=dtype, reshape=reshape, seed=seed)
    validation = DataSet(train_images[:n], train_labels[:n], dtype=dtype, reshape=reshape, seed=seed)
    test = DataSet(test_images, test_labels, dtype=dtype, reshape=reshape, seed=seed)
    return base.Datasets(train=train, validation=validation, test=test)


def load_mnist(train_dir: str = "MNIST-data") -> base.Datasets:
    """read_data_sets with its defaults."""
    return read_data_sets(train_dir)
