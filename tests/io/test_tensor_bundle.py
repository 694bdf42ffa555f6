"""Bundles that are wrong on purpose, and writing that is interrupted."""

from __future__ import annotations

import os

import numpy as np
import pytest

from tfcompat.framework import dtypes, errors, protos
from tfcompat.io import atomic_files, checkpoint_ops
from tfcompat.io.crc32c import masked_crc32c
from tfcompat.io.sorted_table import write_table
from tfcompat.io.tensor_bundle import BundleReader
from tfcompat.io.tensor_bundle_writer import BundleWriter, merge_bundles
from tfcompat.io.tensor_slices import full_slice, parse_slice

DATA = np.array([1.0, 2.0], np.float32).tobytes()


def hostile(tmp_path, entries, header=None, data=DATA):
    """A bundle with these entries: fields of BundleEntryProto, and `dims` for the shape."""
    header = header or protos.BundleHeaderProto(num_shards=1)
    pairs = [(b"", header if isinstance(header, bytes) else header.SerializeToString())]
    for name, fields in sorted(entries.items()):
        dims = fields.pop("dims", [])
        entry = protos.BundleEntryProto(**{"dtype": 1, "crc32c": masked_crc32c(data), **fields})
        for dim in dims:
            entry.shape.dim.add(size=dim)
        pairs.append((name, entry.SerializeToString()))
    with open(tmp_path / "m.index", "wb") as file:
        write_table(file, pairs)
    (tmp_path / "m.data-00000-of-00001").write_bytes(data)
    return str(tmp_path / "m")


def test_a_right_one_reads(tmp_path):
    with BundleReader(hostile(tmp_path, {b"x": {"dims": [2], "size": 8}})) as reader:
        assert reader.read("x").tolist() == [1, 2]


@pytest.mark.parametrize(
    "fields, error, message",
    [
        ({"dims": [2**40], "size": 8}, errors.DataLossError, "Invalid size in bundle entry: key x; stored size 8"),
        ({"dims": [2**31, 2**31, 2**31], "size": 8}, errors.DataLossError, "Invalid size in bundle entry"),
        ({"dims": [2**40], "size": 2**42}, errors.OutOfRangeError, "Read less bytes than requested: tensor x"),
        ({"dims": [2], "size": 8, "offset": 4}, errors.OutOfRangeError, "Read less bytes than requested: tensor x"),
        ({"dims": [2], "size": 8, "offset": -4}, errors.OutOfRangeError, "Read less bytes than requested"),
        ({"dims": [-2], "size": 8}, errors.DataLossError, "Invalid tensor shape: x dim"),
        (
            {"dims": [2], "size": 8, "shard_id": 1},
            errors.DataLossError,
            "Invalid shard in bundle entry: key x; shard 1",
        ),
        ({"dims": [2], "size": 8, "shard_id": -1}, errors.DataLossError, "Invalid shard in bundle entry"),
        ({"dims": [2], "size": 8, "crc32c": 1}, errors.DataLossError, "Checksum does not match: stored"),
        ({"dims": [2], "size": 8, "dtype": 99}, errors.DataLossError, "Unknown data type 99 of tensor x"),
        ({"dims": [2], "size": 8, "dtype": 20}, errors.UnimplementedError, "Restoring data type resource"),
        ({"dims": [2**50], "size": 8, "dtype": 7}, errors.DataLossError, "Invalid size in bundle entry: key x"),
        ({"dims": [1], "size": 8, "dtype": 7}, errors.DataLossError, "The length checksum does not match"),
    ],
)
def test_entries_that_lie(tmp_path, fields, error, message):
    with pytest.raises(error) as caught, BundleReader(hostile(tmp_path, {b"x": dict(fields)})) as reader:
        reader.read("x")
    assert caught.value.message.startswith(message)


def test_strings_that_lie(tmp_path):
    def bundle(data, elements):
        entry = {"dims": [elements], "size": len(data), "dtype": 7}
        return BundleReader(hostile(tmp_path, {b"x": entry}, data=data))

    for data, elements, message in (
        (b"\xff\xff\xff\xff\xff\xff", 2, "String lengths longer than expected"),
        (b"\x7f" + masked_crc32c(b"\x7f\0\0\0").to_bytes(4, "little") + b"abc", 1, "Strings longer than the entry"),
    ):
        with pytest.raises(errors.DataLossError, match=message), bundle(data, elements) as reader:
            reader.read("x")


def slice_proto(text):
    return parse_slice(text).to_proto()


@pytest.mark.parametrize(
    "slices, error, message",
    [
        (["0,1:-"], errors.InvalidArgumentError, "Does not have sufficient slices for partitioned tensor x to restore"),
        (["0,1", "1,1"], errors.InternalError, "Mismatching ranks: shape = [2,1], slice = 0,1"),
        (["0,2:-", "1,1:-"], errors.InternalError, "Overlapping slices: existing slice = 0,2:-, new slice = 1,1:-"),
        (["0,1:-", "1,7:-"], errors.InternalError, "Extent in dimension 0 out of bounds"),
        (["0,1:-", "1,1:-"], errors.NotFoundError, "Key "),  # the slices' own entries are missing
    ],
)
def test_slices_that_lie(tmp_path, slices, error, message):
    entry = {"dims": [2, 1], "slices": [slice_proto(text) for text in slices]}
    with pytest.raises(error) as caught, BundleReader(hostile(tmp_path, {b"x": entry})) as reader:
        reader.read("x")
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize(
    "header, error, message",
    [
        (b"\xff\xff", errors.DataLossError, "unable to parse header"),
        (
            protos.BundleHeaderProto(num_shards=1, version=protos.VersionDef(min_consumer=9)),
            errors.InvalidArgumentError,
            "Checkpoint min consumer version 9 above current version 1",
        ),
        (
            protos.BundleHeaderProto(num_shards=1, version=protos.VersionDef(bad_consumers=[1])),
            errors.InvalidArgumentError,
            "Checkpoint disallows consumer version 1",
        ),
    ],
)
def test_headers_that_do_not_fit(tmp_path, header, error, message):
    with pytest.raises(error) as caught:
        BundleReader(hostile(tmp_path, {}, header))
    assert message in caught.value.message


def test_other_byte_order(tmp_path):
    header = protos.BundleHeaderProto(num_shards=1, endianness=protos.BundleHeaderProto.BIG)
    data = np.array([1, 2], ">f4").tobytes()
    with BundleReader(hostile(tmp_path, {b"x": {"dims": [2], "size": 8}}, header, data)) as reader:
        assert reader.read("x").tolist() == [1, 2]


def test_an_index_without_header(tmp_path):
    with open(tmp_path / "m.index", "wb") as file:
        write_table(file, [(b"x", b"")])
    with pytest.raises(errors.InternalError, match="failed to seek to header entry"):
        BundleReader(str(tmp_path / "m"))


def files(folder):
    return sorted(p.name for p in folder.iterdir())


def test_nothing_appears_before_the_end_and_nothing_is_left_after_an_error(tmp_path):
    writer = BundleWriter(str(tmp_path / "new" / "m"))
    writer.add("x", np.ones(3))
    assert all(".tempstate" in name for name in files(tmp_path / "new"))
    writer.discard()
    assert files(tmp_path / "new") == []
    with (
        pytest.raises(errors.InvalidArgumentError, match="Adding duplicate key: x"),
        BundleWriter(str(tmp_path / "m")) as w,
    ):
        w.add("x", np.ones(3))
        w.add("x", np.ones(3))
    assert files(tmp_path) == ["new"]


@pytest.mark.parametrize("failing", ["sync", "move"])
def test_a_failure_while_writing_keeps_the_older_checkpoint(tmp_path, failing, monkeypatch):
    prefix = str(tmp_path / "m")
    checkpoint_ops.save_v2(prefix, ["x"], [""], [np.float32(1)])

    def fail(*unused):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(atomic_files, failing, fail)
    with pytest.raises((errors.ResourceExhaustedError, OSError)):
        checkpoint_ops.save_v2(prefix, ["x"], [""], [np.float32(2)])
    monkeypatch.undo()
    assert files(tmp_path) == ["m.data-00000-of-00001", "m.index"]
    with BundleReader(prefix) as reader:
        assert reader.read("x") == 1


def test_writing_what_cannot_be_written(tmp_path):
    writer = BundleWriter(str(tmp_path / "m"))
    with pytest.raises(errors.UnimplementedError, match="Saving data type variant"):
        writer.add("v", np.zeros(1), dtypes.variant)
    with pytest.raises(TypeError, match="float64 does not hold values of type float32"):
        writer.add("f", np.zeros(1), dtypes.float32)
    writer.add_slice("s", [2, 1], parse_slice("0,1:-"), np.zeros([1, 1]))
    with pytest.raises(errors.InvalidArgumentError, match="Slices of s have different types or full shapes"):
        writer.add_slice("s", [3, 1], parse_slice("1,1:-"), np.zeros([1, 1]))
    writer.discard()


def test_merging_what_does_not_fit(tmp_path):
    prefixes = [str(tmp_path / name) for name in "ab"]
    for prefix in prefixes:
        checkpoint_ops.save_v2(prefix, ["x"], [""], [np.float32(1)])
    with pytest.raises(
        errors.InvalidArgumentError, match="Duplicate tensor keyed by x encountered, when merging prefix"
    ):
        merge_bundles(prefixes, str(tmp_path / "m"))


def test_a_full_slice_is_stored_as_the_tensor(tmp_path):
    with BundleWriter(str(tmp_path / "m")) as writer:
        writer.add_slice("x", [2], full_slice(1), np.arange(2))
        writer.add_slice("y", [2], parse_slice("0,2"), np.arange(2))
    with BundleReader(str(tmp_path / "m")) as reader:
        assert reader.all_keys() == [b"x", b"y"] and not reader.entry("y").slices
        assert reader.read("y", parse_slice("1,1")).tolist() == [1]


def test_arrays_of_any_layout(tmp_path):
    array = np.arange(12, dtype=np.int32).reshape(3, 4)
    arrays = {"t": array.T, "s": array[:, ::2], "b": array.astype(">i4"), "scalar": np.int32(3), "text": np.array("é")}
    checkpoint_ops.save_v2(str(tmp_path / "m"), list(arrays), [""] * 5, list(arrays.values()))
    with BundleReader(str(tmp_path / "m")) as reader:
        for name in "tsb":
            np.testing.assert_array_equal(reader.read(name), arrays[name])
        assert reader.read("text").item() == "é".encode()
