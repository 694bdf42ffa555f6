"""Writes tfcompat/framework/protos.tsv: names, numbers and types of TensorFlow's protocol messages.

Both oracles are asked; a message has 1.15's fields and, behind them, those that 2.21 added:

    TFCOMPAT_ORACLE_TF1=.../python TFCOMPAT_ORACLE_TF2=.../python python tools/record_protos.py
"""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

TABLE = pathlib.Path(__file__).parents[1] / "tfcompat/framework/protos.tsv"

# The files whose messages are wanted; what these refer to comes along.
ROOTS = """
example/example example/feature
framework/api_def framework/attr_value framework/cost_graph framework/device_attributes framework/function
framework/graph framework/kernel_def framework/log_memory framework/node_def framework/op_def
framework/resource_handle framework/step_stats framework/summary framework/tensor framework/tensor_shape
framework/tensor_slice framework/types framework/variable framework/versions
profiler/tfprof_log profiler/tfprof_options profiler/tfprof_output
protobuf/cluster protobuf/config protobuf/control_flow protobuf/debug protobuf/device_properties
protobuf/fingerprint protobuf/graph_debug_info protobuf/meta_graph protobuf/named_tensor protobuf/queue_runner
protobuf/rewriter_config protobuf/saved_model protobuf/saved_object_graph protobuf/saver protobuf/struct
protobuf/tensor_bundle protobuf/tensorflow_server protobuf/trackable_object_graph protobuf/verifier_config
util/event util/saved_tensor_slice
""".split()

# Runs inside an oracle: writes every descriptor file reachable from the roots.
DUMP = """
import importlib, sys
import tensorflow as tf
from google.protobuf import descriptor_pb2
todo, done = [], {}
for root in sys.argv[2:]:
    try:
        todo.append(importlib.import_module("tensorflow.core." + root.replace("/", ".") + "_pb2").DESCRIPTOR)
    except ImportError:
        print("not in", tf.__version__, root, file=sys.stderr)
for module in ("tensorflow.python.training.checkpoint_state_pb2", "tensorflow.core.protobuf.error_codes_pb2",
               "tensorflow.python.checkpoint.checkpoint_state_pb2", "tensorflow.core.lib.core.error_codes_pb2"):
    try:
        todo.append(importlib.import_module(module).DESCRIPTOR)
    except ImportError:
        print("not in", tf.__version__, module, file=sys.stderr)
try:
    todo.append(tf.quantization.experimental.QuantizationOptions.DESCRIPTOR.file)
except AttributeError:
    pass
while todo:
    file = todo.pop()
    if file.name not in done:
        done[file.name] = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(done[file.name])
        todo.extend(file.dependencies)
with open(sys.argv[1], "wb") as out:
    out.write(descriptor_pb2.FileDescriptorSet(file=[done[n] for n in sorted(done)]).SerializeToString())
"""

Row = tuple[str, ...]
Field = descriptor_pb2.FieldDescriptorProto


def dump(python: str) -> descriptor_pb2.FileDescriptorSet:
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "set")
        subprocess.run([python, "-c", DUMP, out, *ROOTS], check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
        with open(out, "rb") as file:
            return descriptor_pb2.FileDescriptorSet.FromString(file.read())


def rows_of(files: descriptor_pb2.FileDescriptorSet) -> dict[str, list[Row]]:
    """Full name of a message or enum -> its rows, the heading first."""
    found: dict[str, list[Row]] = {}

    def add_enum(package: str, scope: str, enum: descriptor_pb2.EnumDescriptorProto, file: str) -> None:
        name = f"{scope}.{enum.name}"
        found[name] = [("enum", package, name, file)]
        found[name] += [("value", value.name, str(value.number)) for value in enum.value]

    def add_message(package: str, scope: str, message: descriptor_pb2.DescriptorProto, file: str) -> None:
        name = f"{scope}.{message.name}"
        found[name] = [("entry" if message.options.map_entry else "message", package, name, file)]
        for field in message.field:
            kind = field.type_name.lstrip(".") or Field.Type.Name(field.type).removeprefix("TYPE_").lower()
            oneof = message.oneof_decl[field.oneof_index].name if field.HasField("oneof_index") else ""
            if field.proto3_optional:
                oneof = "?"
            label = "repeated" if field.label == Field.LABEL_REPEATED else ""
            found[name].append(("field", field.name, str(field.number), kind, label, oneof))
        for enum in message.enum_type:
            add_enum(package, name, enum, file)
        for nested in message.nested_type:
            add_message(package, name, nested, file)

    for file in files.file:
        if file.name.startswith("google/"):
            continue
        for enum in file.enum_type:
            add_enum(file.package, file.package, enum, file.name)
        for message in file.message_type:
            add_message(file.package, file.package, message, file.name)
    return found


def merge(old: dict[str, list[Row]], new: dict[str, list[Row]]) -> dict[str, list[Row]]:
    """1.15's rows, then what 2.21 has besides."""
    merged = dict(new)
    for name, rows in old.items():
        numbers = {row[2] for row in rows[1:]} if rows[0][0] != "enum" else {row[1] for row in rows[1:]}
        key = 1 if rows[0][0] == "enum" else 2
        merged[name] = rows + [row for row in new.get(name, [])[1:] if row[key] not in numbers]
    return merged


def main() -> None:
    old = rows_of(dump(os.environ["TFCOMPAT_ORACLE_TF1"]))
    new = rows_of(dump(os.environ["TFCOMPAT_ORACLE_TF2"]))
    merged = merge(old, new)
    lines = ["\t".join(row).rstrip("\t") for name in sorted(merged) for row in merged[name]]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(merged)} types, {len(lines)} lines", file=sys.stderr)


if __name__ == "__main__":
    main()
