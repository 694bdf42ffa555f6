"""TensorFlow's protocol messages as real protobuf classes: `protos.GraphDef`, `protos.Summary`, `protos.DT_FLOAT`.

`protos.tsv` holds names, numbers and types of the messages of TF 1.15 and of the fields that 2.21 added (written by
`tools/record_protos.py`). The first use of a name builds its package in a descriptor pool of our own, under
TensorFlow's own full names: those are part of files (an `Any` in a SavedModel names "tensorflow.AssetFileDef"),
and a private pool lets real TensorFlow and TensorBoard live in the same process. Importing this module loads
neither protobuf nor the table.

A name is a top-level message, enum or enum value of a `tensorflow` package; nested ones hang on their message.
"""

from __future__ import annotations

import copyreg
import dataclasses
import functools
import operator
import pathlib
import sys
import threading
import types
from typing import Any

_TABLE = pathlib.Path(__file__).with_name("protos.tsv")
# Where a bare name is looked up; `stablehlo.quantization` is only ever referred to.
_PACKAGES = ("tensorflow", "tensorflow.error", "tensorflow.tfprof", "tensorflow.quantization")
_WELL_KNOWN = {"google.protobuf.Any": "any", "google.protobuf.BoolValue": "wrappers"}
# Two threads must not build two pools: their classes would not take each other's messages.
_lock = threading.RLock()


@dataclasses.dataclass(frozen=True, slots=True)
class _Type:
    """One message or enum of the table: its heading and the rows under it."""

    kind: str  # message, entry (of a map) or enum
    package: str
    name: str
    file: str
    rows: list[list[str]]


@functools.cache
def _types() -> dict[str, _Type]:
    found: dict[str, _Type] = {}
    rows: list[list[str]] = []
    for line in _TABLE.read_text(encoding="utf-8").splitlines():
        row = line.split("\t")
        if row[0] in ("field", "value"):
            rows.append(row)
        else:
            rows = []
            found[row[2]] = _Type(row[0], row[1], row[2], row[3], rows)
    return found


@functools.cache
def _enum_values() -> dict[str, int]:
    """Values of top-level enums, which are themselves top-level names."""
    top = [t for t in _types().values() if t.kind == "enum" and t.name.rpartition(".")[0] in _PACKAGES]
    return {row[1]: int(row[2]) for enum in top for row in enum.rows}


@functools.cache
def _pool() -> Any:
    from google.protobuf import descriptor_pool

    return descriptor_pool.DescriptorPool()


@functools.cache
def _build_package(package: str) -> None:
    """Adds the types of a package, and first those of the packages it refers to, to the pool."""
    from google.protobuf import descriptor_pb2

    file = descriptor_pb2.FileDescriptorProto(name=f"tfcompat/{package}.proto", package=package, syntax="proto3")
    built: dict[str, Any] = {}
    dependencies: dict[str, None] = {}
    for declared in _types().values():
        if declared.package != package:
            continue
        # The table is sorted, so a message stands before what is nested in it.
        outer_name, _, simple_name = declared.name.rpartition(".")
        outer = built.get(outer_name)
        if declared.kind == "enum":
            _fill_enum((outer or file).enum_type.add(name=simple_name), declared)
            continue
        message = (file.message_type if outer is None else outer.nested_type).add(name=simple_name)
        built[declared.name] = message
        if declared.kind == "entry":
            message.options.map_entry = True
        for used in _fill_message(message, declared):
            dependencies[_add_dependency(used, package)] = None
    file.dependency.extend(name for name in dependencies if name)
    _pool().AddSerializedFile(file.SerializeToString())


def _fill_enum(enum: Any, declared: _Type) -> None:
    seen: set[str] = set()
    for _, name, number in declared.rows:
        enum.value.add(name=name, number=int(number))
        if number in seen:
            enum.options.allow_alias = True
        seen.add(number)


def _fill_message(message: Any, declared: _Type) -> list[str]:
    """Adds the fields; returns the names of message and enum types they refer to."""
    from google.protobuf.descriptor_pb2 import FieldDescriptorProto as Field

    oneofs: dict[str, int] = {}
    used: list[str] = []
    optional: list[Any] = []
    for row in declared.rows:
        _, name, number, kind, label, oneof = (row + ["", ""])[:6]
        field = message.field.add(name=name, number=int(number))
        field.label = Field.LABEL_REPEATED if label else Field.LABEL_OPTIONAL
        if "." in kind:
            used.append(kind)
            field.type_name = "." + kind
            is_enum = kind in _types() and _types()[kind].kind == "enum"
            field.type = Field.TYPE_ENUM if is_enum else Field.TYPE_MESSAGE
        else:
            field.type = Field.Type.Value(f"TYPE_{kind.upper()}")
        if oneof == "?":
            optional.append(field)
        elif oneof:
            if oneof not in oneofs:
                oneofs[oneof] = len(message.oneof_decl)
                message.oneof_decl.add(name=oneof)
            field.oneof_index = oneofs[oneof]
    # proto3 gives a field with presence a oneof of its own; those come after the real ones.
    for field in optional:
        field.proto3_optional = True
        field.oneof_index = len(message.oneof_decl)
        message.oneof_decl.add(name="_" + field.name)
    return used


def _add_dependency(type_name: str, package: str) -> str:
    """The file in the pool that defines `type_name`; empty for the package that is being built."""
    if type_name in _WELL_KNOWN:
        import importlib

        descriptor = importlib.import_module(f"google.protobuf.{_WELL_KNOWN[type_name]}_pb2").DESCRIPTOR
        try:
            _pool().FindFileByName(descriptor.name)
        except KeyError:
            _pool().AddSerializedFile(descriptor.serialized_pb)
        return str(descriptor.name)
    other = _types()[type_name].package
    if other == package:
        return ""
    _build_package(other)
    return f"tfcompat/{other}.proto"


@functools.cache
def _type(full_name: str) -> Any:
    """The message class or enum wrapper of a top-level type in the table."""
    with _lock:
        declared = _types()[full_name]
        _build_package(declared.package)
        if declared.kind == "enum":
            from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

            return EnumTypeWrapper(_pool().FindEnumTypeByName(full_name))
        from google.protobuf.message_factory import GetMessageClass

        message = GetMessageClass(_pool().FindMessageTypeByName(full_name))
        _place(message, full_name.removeprefix(declared.package + "."))
        return message


def _place(message: type, qualified_name: str) -> None:
    """Makes pickle and repr find the class, and those nested in it, in this module."""
    message.__module__ = __name__
    message.__qualname__ = qualified_name
    # protobuf pickles a nested message by its name in the default pool, which has no such message.
    copyreg.pickle(message, _reduce)
    # The C implementation of protobuf finds fields by itself and shows none on the class, where TF 1.15 has them all.
    for field in message.DESCRIPTOR.fields:  # type: ignore[attr-defined]
        if not hasattr(message, field.name):
            setattr(message, field.name, property(operator.attrgetter(field.name)))
    for nested in message.DESCRIPTOR.nested_types:  # type: ignore[attr-defined]
        if not hasattr(message, nested.name):  # protobuf's implementation in Python
            from google.protobuf.message_factory import GetMessageClass

            setattr(message, nested.name, GetMessageClass(nested))
        _place(getattr(message, nested.name), f"{qualified_name}.{nested.name}")


def _reduce(message: Any) -> tuple[Any, ...]:
    return _parse, (message.DESCRIPTOR.full_name, message.SerializePartialToString())


def _parse(full_name: str, serialized: bytes) -> Any:
    return message_class(full_name).FromString(serialized)


def message_class(full_name: str) -> Any:
    """The class of a message by its full name, such as "tensorflow.tfprof.AdviceProto.Checker".

    Raises: KeyError for a name that is not in the table.
    """
    declared = _types().get(full_name)
    if declared is None:
        raise KeyError(full_name)
    outer = declared.name.rpartition(".")[0]
    return getattr(message_class(outer), full_name.rpartition(".")[2]) if outer in _types() else _type(full_name)


def descriptor_pool() -> Any:
    """The pool of every message here: `google.protobuf.json_format` and `text_format` need it to expand an `Any`."""
    with _lock:
        for package in _PACKAGES:
            _build_package(package)
    return _pool()


def pb2_module(module_name: str) -> types.ModuleType:
    """A stand-in for one of TensorFlow's generated modules, such as "tensorflow.core.framework.graph_pb2".

    It has the top-level messages, enums and enum values of that file. Raises: ImportError for an unknown file.
    """
    path = module_name.removesuffix("_pb2").replace(".", "/") + ".proto"
    members = [t for t in _types().values() if t.file == path and t.name == f"{t.package}.{t.name.rpartition('.')[2]}"]
    if not members:
        raise ImportError(f"tfcompat does not know the protocol messages of {module_name}", name=module_name)
    module = types.ModuleType(module_name)
    for member in members:
        setattr(module, member.name.rpartition(".")[2], _type(member.name))
        if member.kind == "enum":
            for _, name, number in member.rows:
                setattr(module, name, int(number))
    return module


def __getattr__(name: str) -> Any:
    if name.startswith("__"):  # asked by pickle, doctest, inspect ...: not worth loading anything
        raise AttributeError(name)
    for package in _PACKAGES:
        if f"{package}.{name}" in _types():
            found = _type(f"{package}.{name}")
            break
    else:
        if name not in _enum_values():
            raise AttributeError(f"module {__name__!r} has no protocol message or enum value {name!r}", name=name)
        found = _enum_values()[name]
    setattr(sys.modules[__name__], name, found)
    return found
