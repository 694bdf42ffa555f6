"""MNIST input against TF 1.15.0: digests of the batches it deals out from the same generated files."""

from __future__ import annotations

import gzip
import hashlib
import struct
import urllib.error

import numpy as np
import pytest

from tfcompat.framework import dtypes, stacks
from tfcompat.learn import input_data
from tfcompat.learn.datasets import base, mnist


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """57 training and 13 test images of noise in the four files."""
    path = tmp_path_factory.mktemp("mnist")
    draw = np.random.RandomState(0)
    for part, n in (("train", 57), ("t10k", 13)):
        images = draw.randint(0, 256, (n, 28, 28)).astype(np.uint8)
        labels = draw.randint(0, 10, n).astype(np.uint8)
        header = struct.pack(">IIII", 2051, n, 28, 28)
        (path / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(header + images.tobytes()))
        header = struct.pack(">II", 2049, n)
        (path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(header + labels.tobytes()))
    return str(path)


@pytest.fixture(autouse=True)
def graph():
    stacks.reset_default_graph()
    state = np.random.get_state()
    yield stacks.get_default_graph()
    np.random.set_state(state)


def digest(array):
    return hashlib.md5(np.ascontiguousarray(array).tobytes()).hexdigest()[:8]


# Arguments; NumPy's seed after reading, where nothing seeds it; then for six times train.next_batch(20) and
# test.next_batch(5), shuffled every other time: images, labels, images, labels; then validation images, train labels
# and one more random number.
RECORDED = [
    (
        {"validation_size": 5},
        5,
        """27c8c11a d2475856 ca45dcff e684efd1  97d92653 1362f773 ba679b88 2a540dd7  1c76c853 44d6d7f6 f1707d94 1986537a
        dddae42a 98c54461 e9262a0b 9947899a  effda0be b0994fd3 4e355d2f 860c7eab  2a8b2dba c2211f02 58a4e20f b6e279ac
        ec365528 c07235cf""",
        0.44550347390066414,
    ),
    (
        {"validation_size": 10, "seed": 3, "one_hot": True},
        None,
        """64278cdb 238f163d 736c5345 fda00804  1613e557 ff280651 a1bd5de5 6bc854cc  1b48820d c8416262 1b6e5428 70988fad
        7fa9b3ab 4e573626 0d1675d1 759c05d0  066d47db e6533c52 32d173bf 0ce6a7ed  8e0ede1d 3a474a36 0afa5e20 513fecaf
        f61bac2d 730e226f""",
        0.5722376195878787,
    ),
]


@pytest.mark.parametrize("arguments, numpy_seed, digests, number", RECORDED)
def test_batches_come_in_tfs_order(directory, arguments, numpy_seed, digests, number):
    data = input_data.read_data_sets(directory, **arguments)
    if numpy_seed is not None:
        np.random.seed(numpy_seed)
    got = []
    for i in range(6):
        got += map(digest, (*data.train.next_batch(20), *data.test.next_batch(5, shuffle=i % 2 == 0)))
    got += map(digest, (data.validation.images, data.train.labels))
    assert got == digests.split()
    assert np.random.rand() == number
    assert data.train.epochs_completed == 2


def test_the_graphs_seed_counts(directory, graph):
    graph.seed = 42
    graph._next_id()
    data = input_data.read_data_sets(directory, validation_size=5)
    assert [digest(x) for x in data.train.next_batch(20)] == ["02868511", "4f137b70"]


def test_shapes_and_types(directory):
    data = mnist.read_data_sets(directory, reshape=False, dtype=dtypes.uint8, validation_size=7, one_hot=True)
    assert isinstance(data, base.Datasets)
    assert [part.num_examples for part in data] == [50, 7, 13]
    assert (data.train.images.shape, data.train.images.dtype) == ((50, 28, 28, 1), np.uint8)
    assert (data.train.labels.shape, data.train.labels.sum()) == ((50, 10), 50)
    flat = mnist.read_data_sets(directory, validation_size=0).train
    assert (flat.images.shape, flat.images.dtype, flat.labels.dtype) == ((57, 784), np.float32, np.uint8)
    assert 0.9 < flat.images.max() <= 1.0


def test_fake_data():
    data = mnist.read_data_sets("nowhere", fake_data=True, one_hot=True)
    images, labels = data.test.next_batch(2, fake_data=True)
    assert (data.train.num_examples, len(images), images[0], labels[0]) == (10000, 2, [1] * 784, [1] + [0] * 9)


def test_bad_arguments(directory, tmp_path):
    with pytest.raises(ValueError, match=r"Validation size should be between 0 and 57. Received: 99."):
        mnist.read_data_sets(directory, validation_size=99)
    with pytest.raises(TypeError, match="Invalid image dtype tf.int32, expected uint8 or float32"):
        mnist.read_data_sets(directory, dtype=dtypes.int32, validation_size=5)
    wrong = tmp_path / "wrong.gz"
    wrong.write_bytes(gzip.compress(struct.pack(">II", 7, 0)))
    with (
        open(wrong, "rb") as f,
        pytest.raises(ValueError, match="Invalid magic number 7 in MNIST image"),
    ):
        mnist.extract_images(f)


def test_missing_files_are_named(tmp_path, monkeypatch):
    def no_network(url, filename=None):
        raise urllib.error.URLError("no route")

    monkeypatch.setattr(base, "urlretrieve_with_retry", no_network)
    with pytest.raises(OSError, match="four files train-images-idx3-ubyte.gz, train-labels.*t10k-labels.*no route"):
        mnist.read_data_sets(str(tmp_path / "new"))


def test_download(tmp_path, monkeypatch, capsys):
    source = tmp_path / "source"
    source.write_bytes(b"12345")
    monkeypatch.setattr(base, "urlretrieve_with_retry", lambda url: (str(source), None))
    path = base.maybe_download("file", str(tmp_path / "new"), "http://x/file")
    assert capsys.readouterr().out == "Successfully downloaded file 5 bytes.\n"
    source.unlink()
    assert base.maybe_download("file", str(tmp_path / "new"), "http://x/file") == path


def test_csv(tmp_path):
    with_header, without = tmp_path / "a.csv", tmp_path / "b.csv"
    with_header.write_text("2,2,x,y\n1,2,0\n3,4,1\n")
    without.write_text("1,2,0\n3,4,1\n5,6,1\n")
    first = base.load_csv_with_header(str(with_header), np.int64, np.float64)
    second = base.load_csv_without_header(str(without), np.int64, np.float64, target_column=0)
    assert (first.data.tolist(), first.target.tolist()) == ([[1, 2], [3, 4]], [0, 1])
    assert (second.data.tolist(), second.target.tolist()) == ([[2, 0], [4, 1], [6, 1]], [1, 3, 5])
    base.shrink_csv(str(without), 2)
    assert (tmp_path / "b_small.csv").read_text().split() == ["1,2,0", "5,6,1"]


def test_retry():
    calls = []

    @base.retry(initial_delay=1.0, max_delay=4.0)
    def fails_twice():
        calls.append(1)
        if len(calls) < 3:
            raise OSError
        return "done"

    assert (fails_twice(), len(calls)) == ("done", 3)
    with pytest.raises(ValueError, match="factor must be >= 1"):
        base.retry(1, 2, factor=0.5)
    with pytest.raises(ValueError, match="jitter must be < 1"):
        base.retry(1, 2, jitter=1)
