"""Protocol messages: names and numbers against TensorBoard's compiled copies, and the ways programs use them."""

from __future__ import annotations

import copy
import importlib
import pickle
import subprocess
import sys

import pytest

from tfcompat.framework import export, proto_names, protos

# TensorBoard's generated modules hold 2.21's messages, in a package of their own.
TENSORBOARD_MODULES = """
    allocation_description api_def attr_value cluster config cost_graph debug event function graph meta_graph node_def
    op_def resource_handle rewriter_config saved_object_graph saver step_stats struct summary tensor
    tensor_description tensor_shape tfprof_log trackable_object_graph types variable verifier_config versions
""".split()


def fields(descriptor):
    return {f.number: (f.name, f.type, f.is_repeated) for f in descriptor.fields}


def check_fields(ours, theirs, path):
    mine, other = fields(ours), fields(theirs)
    # What only we have are fields that 1.15 had and 2.21 dropped.
    assert {n: mine.get(n) for n in other} == other, path
    for nested in theirs.nested_types:
        check_fields(ours.nested_types_by_name[nested.name], nested, f"{path}.{nested.name}")


@pytest.mark.parametrize("name", TENSORBOARD_MODULES)
def test_fields_are_those_of_tensorboard(name):
    theirs = importlib.import_module(f"tensorboard.compat.proto.{name}_pb2").DESCRIPTOR
    assert theirs.message_types_by_name or theirs.enum_types_by_name
    for simple_name, descriptor in theirs.message_types_by_name.items():
        check_fields(getattr(protos, simple_name).DESCRIPTOR, descriptor, simple_name)
    for simple_name, enum in theirs.enum_types_by_name.items():
        known = dict(getattr(protos, simple_name).items())
        assert {v.name: known.get(v.name) for v in enum.values} == {v.name: v.number for v in enum.values}


def test_every_type_of_the_table_builds():
    for declared in protos._types().values():
        if declared.kind == "message":
            assert protos.message_class(declared.name).DESCRIPTOR.full_name == declared.name


def test_every_public_name_is_found():
    declared = [d for d in export.DECLARATIONS if d.lazy and d.module == protos.__name__]
    assert len(declared) == 44 and proto_names
    for declaration in declared:
        assert hasattr(getattr(protos, declaration.attribute), "DESCRIPTOR")


def test_messages_are_used_as_in_tensorflow():
    config = protos.ConfigProto(
        gpu_options=protos.GPUOptions(per_process_gpu_memory_fraction=0.5), device_count={"CPU": 2}
    )
    config.gpu_options.allow_growth = True
    assert str(config) == (
        'device_count {\n  key: "CPU"\n  value: 2\n}\n'
        "gpu_options {\n  per_process_gpu_memory_fraction: 0.5\n  allow_growth: true\n}\n"
    )
    assert protos.RunOptions.FULL_TRACE == 3 and protos.RunOptions().trace_level == protos.RunOptions.NO_TRACE
    assert protos.Summary(value=[protos.Summary.Value(tag="a", simple_value=1)]).value[0].WhichOneof("value")
    with pytest.raises(ValueError, match="nope"):
        protos.ConfigProto(nope=1)


def test_example_bytes_are_those_of_tensorflow():
    # tf.train.Example(...).SerializeToString(deterministic=True) of TF 1.15.0
    feature = {
        "f": protos.Feature(float_list=protos.FloatList(value=[1.5])),
        "i": protos.Feature(int64_list=protos.Int64List(value=[1, -1])),
        "s": protos.Feature(bytes_list=protos.BytesList(value=[b"ab", b""])),
    }
    example = protos.Example(features=protos.Features(feature=feature))
    assert example.SerializeToString(deterministic=True).hex() == (
        "0a340a0d0a0166120812060a040000c03f0a140a0169120f1a0d0a0b01ffffffffffffffffff010a0d0a017312080a060a0261620a00"
    )


def test_messages_pickle_and_copy():
    summary = protos.Summary(value=[protos.Summary.Value(tag="a", simple_value=1)])
    assert pickle.loads(pickle.dumps(summary)) == summary
    assert pickle.loads(pickle.dumps(summary.value[0])) == summary.value[0]
    assert copy.deepcopy(summary) == summary
    assert pickle.loads(pickle.dumps(protos.GraphDef)) is protos.GraphDef


def test_any_names_the_message_as_tensorflow_does():
    collection = protos.CollectionDef()
    collection.any_list.value.add().Pack(protos.AssetFileDef(filename="f"))
    packed = collection.any_list.value[0]
    assert packed.type_url == "type.googleapis.com/tensorflow.AssetFileDef"
    asset = protos.AssetFileDef()
    assert packed.Unpack(asset) and asset.filename == "f"


def test_generated_modules_have_stand_ins():
    types_pb2 = protos.pb2_module("tensorflow.core.framework.types_pb2")
    assert types_pb2.DT_HALF == 19 and types_pb2.DataType.Name(1) == "DT_FLOAT"
    assert protos.pb2_module("tensorflow.core.framework.graph_pb2").GraphDef is protos.GraphDef
    with pytest.raises(ImportError, match="nothing_pb2"):
        protos.pb2_module("tensorflow.core.framework.nothing_pb2")


def test_fields_are_properties_of_the_class():
    event = protos.Event(step=3)
    assert isinstance(protos.Event.step, property) and protos.Event.step.fget(event) == event.step == 3
    event.step = 4
    assert event.step == 4 and protos.Summary.Value.tag.fget(protos.Summary.Value(tag="a")) == "a"


def test_unknown_names_are_missing():
    with pytest.raises(AttributeError, match="NoSuchDef"):
        protos.NoSuchDef  # noqa: B018
    assert not hasattr(protos, "GraphDef2")
    with pytest.raises(KeyError):
        protos.message_class("tensorflow.Nope")


def test_importing_loads_no_protobuf():
    program = (
        "import sys; import tfcompat.framework.protos, tfcompat.framework.proto_names; "
        "assert not [m for m in sys.modules if m.startswith('google.protobuf')]"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
