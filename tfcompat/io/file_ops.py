"""Files as ops: tf.read_file, tf.write_file, tf.matching_files.

Source: TF 1.15, core/ops/io_ops.cc, core/kernels/whole_file_read_ops.cc, matching_files_op.cc.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Shape, ShapeContext, op
from tfcompat.framework.operation import Operation
from tfcompat.framework.shape_rules import at_most_rank, with_rank
from tfcompat.framework.tensor import Tensor
from tfcompat.ops.string_values import shape_text, string_scalar, string_vector
from tfcompat.platform import filesystem

# A file may change between two runs, or within one: these ops are never folded or shared.


def read_whole(path: str) -> bytes:
    """The contents of a file. Raises TF's error when it cannot be read."""
    with filesystem.os_errors_as_tf(path), open(filesystem.local(path), "rb") as file:
        return file.read()


@op("ReadFile", stateful=True)
def read_file_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(0), 0)
    return ()


read_file_op.gradient(NOT_DIFFERENTIABLE)


@read_file_op.kernel
def _read_file(filename: np.ndarray) -> np.ndarray:
    if filename.ndim:
        raise InvalidArgumentError(
            None, None, f"Input filename tensor must be scalar, but had shape: {shape_text(filename)}"
        )
    return string_scalar(read_whole(os.fsdecode(filename.item())))


@op("WriteFile", stateful=True)
def write_file_op(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 0)
    with_rank(c.shape(1), 0)
    return []


write_file_op.gradient(NOT_DIFFERENTIABLE)


@write_file_op.kernel
def _write_file(filename: np.ndarray, contents: np.ndarray) -> None:
    for what, value in (("Input filename tensor", filename), ("Contents tensor", contents)):
        if value.ndim:
            raise InvalidArgumentError(None, None, f"{what} must be scalar, but had shape: {shape_text(value)}")
    path = os.fsdecode(filename.item())
    filesystem.make_directories(os.path.dirname(path))
    with filesystem.os_errors_as_tf(path), open(filesystem.local(path), "wb") as file:
        file.write(contents.item())


@op("MatchingFiles", stateful=True)
def matching_files_op(c: ShapeContext) -> Shape:
    at_most_rank(c.shape(0), 1)
    return (None,)


matching_files_op.gradient(NOT_DIFFERENTIABLE)


@matching_files_op.kernel
def _matching_files(pattern: np.ndarray) -> np.ndarray:
    if pattern.ndim > 1:
        raise InvalidArgumentError(
            None, None, f"Input patterns tensor must be scalar or vector, but had shape: {shape_text(pattern)}"
        )
    found: list[str] = []
    for one in pattern.reshape(-1).tolist():
        found += filesystem.matching(os.fsdecode(one))
    return string_vector([os.fsencode(path) for path in sorted(found)])


@export("io.read_file", "read_file", v2=("io.read_file",))
def read_file(filename: Any, name: str | None = None) -> Tensor:
    """The contents of a file as one string.

    Raises: NotFoundError while running when there is no such file.
    """
    return read_file_op(filename, name=name)  # type: ignore[no-any-return]


@export("io.write_file", "write_file", v2=("io.write_file",))
def write_file(filename: Any, contents: Any, name: str | None = None) -> Operation:
    """The operation that makes a file (and the directories above it) with these contents."""
    return write_file_op(filename, contents, name=name)  # type: ignore[no-any-return]


@export("io.matching_files", "matching_files", v2=("io.matching_files",))
def matching_files(pattern: Any, name: str | None = None) -> Tensor:
    """The paths that match one or more glob patterns, sorted."""
    return matching_files_op(pattern, name=name)  # type: ignore[no-any-return]
