"""Checkpoints that real TensorFlow wrote (tools/record_checkpoints.py): values, errors, the same bytes written back."""

from __future__ import annotations

import json
import pathlib
import shutil

import numpy as np
import pytest

from tfcompat.framework import dtypes, errors, protos
from tfcompat.io import checkpoint_ops
from tfcompat.io.checkpoint_reader import (
    NewCheckpointReader,
    is_version_2,
    list_variables,
    load_checkpoint,
    load_variable,
)
from tfcompat.io.sorted_table import Table
from tfcompat.io.tensor_bundle import BundleReader
from tfcompat.io.tensor_bundle_writer import BundleWriter
from tfcompat.io.tensor_slices import slice_from_proto, slice_key

FIXTURES = pathlib.Path(__file__).with_name("fixtures")
RECORDED = {
    folder: json.loads((FIXTURES / folder / "recorded.json").read_text(encoding="utf-8")) for folder in ("tf1", "tf2")
}
CHECKPOINTS = [
    pytest.param(FIXTURES / folder / path, recorded, id=f"{folder}-{path}")
    for folder, rows in RECORDED.items()
    for path, recorded in rows.items()
    if "tensors" in recorded
]
VERSION_2 = [case for case in CHECKPOINTS if is_version_2(str(case.values[0]))]


def expected(row, shape, dtype):
    if "strings" in row:
        array = np.empty(len(row["strings"]), dtype=object)
        array[:] = [bytes.fromhex(s) for s in row["strings"]]
    elif dtype is dtypes.bfloat16:
        array = (np.frombuffer(bytes.fromhex(row["bytes"]), np.uint16).astype(np.uint32) << 16).view(np.float32)
    else:
        array = np.frombuffer(bytes.fromhex(row["bytes"]), dtype.as_numpy_dtype)
    return array.reshape(shape)


@pytest.mark.parametrize("prefix, recorded", CHECKPOINTS)
def test_reader_answers_as_tensorflow(prefix, recorded):
    reader = NewCheckpointReader(str(prefix))
    tensors = recorded["tensors"]
    assert reader.get_variable_to_shape_map() == {name: row["shape"] for name, row in tensors.items()}
    assert reader.get_variable_to_dtype_map() == {name: dtypes.as_dtype(row["dtype"]) for name, row in tensors.items()}
    for name, row in tensors.items():
        assert reader.has_tensor(name) and reader.has_tensor(name.encode())
        value = reader.get_tensor(name)
        if "error" in row:
            continue  # 1.15's reader does not know this type in version 1; RestoreV2 does, see below
        if row["python_type"] != "ndarray":
            assert not isinstance(value, np.ndarray) and type(value).__name__ == row["python_type"]
        np.testing.assert_array_equal(value, expected(row, row["shape"], dtypes.as_dtype(row["dtype"])))
    assert not reader.has_tensor("no such tensor")
    text = reader.debug_string()
    if "can't decode" not in recorded["debug_string"]:
        want = recorded["debug_string"].encode("latin-1")
        assert sorted(text.splitlines()) == sorted(want.splitlines())


@pytest.mark.parametrize("prefix, recorded", VERSION_2)
def test_written_back_the_bytes_are_the_same(prefix, recorded, tmp_path):
    """Every bundle of one shard, from the order in which its tensors were added."""
    with BundleReader(str(prefix)) as reader:
        if reader.header.num_shards > 1:
            return
        entries = {key: reader.entry(key) for key in reader.all_keys()}
        owners = {slice_key(k, slice_from_proto(s)): (k, s) for k, e in entries.items() for s in e.slices}
        # Empty tensors share an offset with what follows; in these files they were added before it, by name.
        order = sorted(
            (k for k in entries if not entries[k].slices), key=lambda k: (entries[k].offset, entries[k].size)
        )
        with BundleWriter(str(tmp_path / "copy")) as writer:
            for key in order:
                dtype = dtypes.as_dtype(entries[key].dtype)
                if key in owners:
                    name, part = owners[key]
                    shape = [dim.size for dim in entries[name].shape.dim]
                    writer.add_slice(name, shape, slice_from_proto(part), reader.read(key), dtype)
                else:
                    writer.add(key, reader.read(key), dtype)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copy.data-00000-of-00001", "copy.index"]
    data = prefix.with_name(prefix.name + ".data-00000-of-00001").read_bytes()
    assert (tmp_path / "copy.data-00000-of-00001").read_bytes() == data
    assert (tmp_path / "copy.index").read_bytes() == prefix.with_name(prefix.name + ".index").read_bytes()


def test_merged_bundles_are_the_same_bytes(tmp_path):
    shutil.copytree(FIXTURES / "tf1/parts", tmp_path / "parts")
    (tmp_path / "parts").chmod(0o755)
    prefixes = [str(tmp_path / "parts" / name) for name in ("a", "b")]
    checkpoint_ops.merge_v2_checkpoints(prefixes, str(tmp_path / "new" / "model"))
    merged = {p.name: p.read_bytes() for p in (tmp_path / "new").iterdir()}
    assert merged == {p.name: p.read_bytes() for p in (FIXTURES / "tf1/sharded").iterdir()}
    assert not (tmp_path / "parts").exists()


def test_version_1_written_back_the_bytes_are_the_same(tmp_path):
    path = FIXTURES / "tf1/v1/model"
    with Table(str(path)) as table:
        meta = protos.SavedTensorSlices.FromString(table.get(b"")).meta
    reader = NewCheckpointReader(str(path))
    rows = []
    for tensor in meta.tensor:
        shape = " ".join(str(dim.size) for dim in tensor.shape.dim)
        for proto in tensor.slice:
            part = slice_from_proto(proto)
            rows.append(
                (tensor.name, "" if part.is_full else f"{shape} {part}", reader.read(tensor.name.encode(), part))
            )
    names, texts, arrays = zip(*rows)
    checkpoint_ops.save_slices(str(tmp_path / "copy"), names, texts, arrays)
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()


def test_slices_are_put_together():
    for text, want in RECORDED["tf1"]["slices"].items():
        (got,) = checkpoint_ops.restore(str(FIXTURES / "tf1/v2/model"), ["sliced"], [text], [dtypes.float32])
        np.testing.assert_array_equal(got, want)
    (whole,) = checkpoint_ops.restore(str(FIXTURES / "tf1/v2/model"), ["float32"], ["2 3 1,1:-"], [dtypes.float32])
    assert whole.shape == (1, 3)


@pytest.mark.parametrize("row", RECORDED["tf1"]["v1 restored"], ids=lambda row: f"{row[0]} {row[1]}")
def test_restoring_version_1(row):
    name, text, type_name, shape, value = row
    dtype = dtypes.as_dtype(type_name)
    (got,) = checkpoint_ops.restore(str(FIXTURES / "tf1/v1/model"), [name], [text], [dtype])
    want = expected({"strings" if dtype is dtypes.string else "bytes": value}, shape, dtype)
    np.testing.assert_array_equal(got, want)


DAMAGED = [("v2", *row) for row in RECORDED["tf1"]["damaged v2"]] + [
    ("v1", *row) for row in RECORDED["tf1"]["damaged v1"]
]


@pytest.mark.parametrize("folder, suffix, change, name, error", DAMAGED, ids=lambda v: str(v)[:40])
def test_damaged_files_give_the_errors_of_tensorflow(tmp_path, folder, suffix, change, name, error):
    for file in (FIXTURES / "tf1" / folder).iterdir():
        shutil.copy(file, tmp_path)
    path = tmp_path / ("model" + suffix)
    if change == "remove":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        if change[0] == "flip":
            data[change[1]] ^= 1
        else:
            del data[change[1] :]
        path.write_bytes(data)
    with pytest.raises(getattr(errors, error[0])) as caught:
        NewCheckpointReader(str(tmp_path / "model")).get_tensor(name)
    assert caught.value.message.startswith(error[1].replace("{dir}", str(tmp_path)))
    if error[1].startswith(("Checksum", "The length", "Read less")):
        assert f"tensor {name}" in caught.value.message


def test_functions_on_directories_and_prefixes():
    folder = str(FIXTURES / "tf1/saver")
    assert list_variables(folder) == [("global_step", []), ("part", [4, 2]), ("w", [2, 3])]
    assert load_variable(folder, "w:0").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert load_variable(folder + "/model.ckpt-3", "global_step") == 0
    with pytest.raises(errors.NotFoundError) as caught:
        load_variable(folder, "x")
    assert caught.value.message == "Key x not found in checkpoint"
    with pytest.raises(ValueError, match="Couldn't find 'checkpoint' file or checkpoints in given directory"):
        load_checkpoint(str(FIXTURES))
    with pytest.raises(errors.NotFoundError, match="Failed to find any matching files for"):
        load_checkpoint(folder + "/nothing")


@pytest.mark.parametrize(
    "names, texts, types, error, message",
    [
        (["x"], [""], [dtypes.float32], errors.NotFoundError, "Key x not found in checkpoint"),
        (
            ["float32"],
            [""],
            [dtypes.int32],
            errors.InvalidArgumentError,
            "tensor_name = float32; expected dtype int32 does not equal original dtype float",
        ),
        (
            ["float32"],
            ["3 3 -:-"],
            [dtypes.float32],
            errors.InvalidArgumentError,
            "tensor_name = float32; shape in shape_and_slice spec [3,3] does not match the shape stored in checkpoint: "
            "[2,3]",
        ),
        (["float32"], ["2 3 0,4:-"], [dtypes.float32], errors.InternalError, "Extent in dimension 0 out of bounds"),
        (["float32"], ["2"], [dtypes.float32], errors.InvalidArgumentError, "Need least two elements"),
        (["float32"], ["2 x 0,1:-"], [dtypes.float32], errors.InvalidArgumentError, "Non numerical dimension"),
        (["float32"], ["2 3 0:-"], [dtypes.float32], errors.InvalidArgumentError, "Expected a pair of numbers or '-'"),
        (["float32"], ["2 3 0,0:-"], [dtypes.float32], errors.InvalidArgumentError, "Expected non-negative start"),
        (["float32"], ["2 3 0,1"], [dtypes.float32], errors.InternalError, "Mismatching ranks: shape = [2,3]"),
    ],
)
def test_restoring_what_does_not_fit(names, texts, types, error, message):
    with pytest.raises(error) as caught:
        checkpoint_ops.restore(str(FIXTURES / "tf1/v2/model"), names, texts, types)
    assert caught.value.message.startswith(message)


def test_restoring_what_is_not_in_version_1():
    prefix = str(FIXTURES / "tf1/v1/model")
    with pytest.raises(errors.NotFoundError, match='Tensor name "x" not found in checkpoint files'):
        checkpoint_ops.restore(prefix, ["x"], [""], [dtypes.float32])
    with pytest.raises(
        errors.InvalidArgumentError, match="Expected to restore a tensor of type int32, got a tensor of"
    ):
        checkpoint_ops.restore(prefix, ["float32"], [""], [dtypes.int32])
    with pytest.raises(errors.InvalidArgumentError, match="does not match the shape in the save file"):
        checkpoint_ops.restore(prefix, ["float32"], ["3 3 -:-"], [dtypes.float32])
