"""tf.strings: splitting, cutting, changing, searching and joining strings of bytes.

Source: TF 1.15, core/ops/string_ops.cc, core/kernels/string_*_op.cc, substr_op.cc, reduce_join_op.cc,
unsorted_segment_join_op.cc, python/ops/string_ops.py, python/ops/ragged/ragged_string_ops.py.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.framework import dtypes
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.errors import InvalidArgumentError
from tfcompat.framework.export import export
from tfcompat.framework.op import NOT_DIFFERENTIABLE, KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import broadcast, unchanged, with_rank
from tfcompat.framework.shape_rules import text as shown
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import ranges, shape_queries
from tfcompat.ops.constants import constant
from tfcompat.ops.shapes import renamed_argument
from tfcompat.ops.string_values import as_bytes_attr, as_text_attr, each, shape_text, string_array


def _refuse(text: str) -> InvalidArgumentError:
    return InvalidArgumentError(None, None, text)


def _same_shape(op_type: str) -> Op:
    made = op(op_type)(unchanged)
    made.gradient(NOT_DIFFERENTIABLE)
    return made


# --- one string at a time --------------------------------------------------------------------------------------

strip_op = _same_shape("StringStrip")
lower_op = _same_shape("StringLower")
upper_op = _same_shape("StringUpper")
length_op = _same_shape("StringLength")
encode_base64_op = _same_shape("EncodeBase64")
decode_base64_op = _same_shape("DecodeBase64")


@strip_op.kernel
def _strip(input: np.ndarray) -> np.ndarray:
    return each(bytes.strip, input)


def _change_case(op: Op, ascii_case: Any, unicode_case: Any) -> None:
    @op.kernel
    def change(input: np.ndarray, *, encoding: Any) -> np.ndarray:
        how = as_text_attr(encoding)
        if not how:
            return each(ascii_case, input)
        if how.lower() not in ("utf-8", "utf8"):
            raise _refuse(f"only utf8 or '' (no encoding) is supported, received {how}")
        return each(lambda s: unicode_case(s.decode("utf-8", "replace")).encode(), input)


_change_case(lower_op, bytes.lower, str.lower)
_change_case(upper_op, bytes.upper, str.upper)


def _char_starts(text: bytes) -> list[int]:
    """Where the UTF-8 characters start."""
    return [i for i, b in enumerate(text) if b & 0xC0 != 0x80]


@length_op.kernel
def _length(input: np.ndarray, *, unit: Any, device: Any) -> torch.Tensor:
    flat = input.reshape(-1).tolist()
    sizes = [len(s) for s in flat] if as_text_attr(unit) == "BYTE" else [len(_char_starts(s)) for s in flat]
    return torch.tensor(sizes, dtype=torch.int32, device=device).reshape(input.shape)


@encode_base64_op.kernel
def _encode_base64(input: np.ndarray, *, pad: bool) -> np.ndarray:
    def encode(data: bytes) -> bytes:
        made = base64.urlsafe_b64encode(data)
        return made if pad else made.rstrip(b"=")

    return each(encode, input)


@decode_base64_op.kernel
def _decode_base64(input: np.ndarray) -> np.ndarray:
    def decode(data: bytes) -> bytes:
        # Padding completes groups of four; anywhere else its sign is as wrong as any other.
        bare = data
        if len(data) % 4 == 0 and data.endswith(b"="):
            bare = data[:-2] if data.endswith(b"==") else data[:-1]
        if len(bare) % 4 == 1:
            raise _refuse("Base64 string length cannot be 1 modulo 4.")
        if re.fullmatch(rb"[A-Za-z0-9_-]*", bare) is None:
            raise _refuse("Invalid character found in base64.")
        try:
            return base64.urlsafe_b64decode(bare + b"=" * (-len(bare) % 4))
        except (binascii.Error, ValueError) as cause:
            raise _refuse("Invalid character found in base64.") from cause

    return each(decode, input)


@export("strings.strip", "string_strip", v2=("strings.strip",))
def string_strip(input: Any, name: str | None = None) -> Tensor:
    """Each string without white space at its ends."""
    return strip_op(input, name=name)  # type: ignore[no-any-return]


@export("strings.lower", v2=("strings.lower",))
def string_lower(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Each string in lower case: of ASCII letters, or with encoding "utf-8" of all."""
    return lower_op(input, encoding=encoding, name=name)  # type: ignore[no-any-return]


@export("strings.upper", v2=("strings.upper",))
def string_upper(input: Any, encoding: str = "", name: str | None = None) -> Tensor:
    """Each string in upper case: of ASCII letters, or with encoding "utf-8" of all."""
    return upper_op(input, encoding=encoding, name=name)  # type: ignore[no-any-return]


@export("strings.length")
def string_length(input: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """The length of each string in bytes, or in characters ("UTF8_CHAR")."""
    return length_op(input, unit=unit, name=name)  # type: ignore[no-any-return]


@export(v2=("strings.length",))
def string_length_v2(input: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """As `string_length`, with the arguments in TF 2's order."""
    return string_length(input, name, unit)


@export("io.encode_base64", "encode_base64", v2=("io.encode_base64",))
def encode_base64(input: Any, pad: bool = False, name: str | None = None) -> Tensor:
    """Each string in the web-safe base64 code."""
    return encode_base64_op(input, pad=pad, name=name)  # type: ignore[no-any-return]


@export("io.decode_base64", "decode_base64", v2=("io.decode_base64",))
def decode_base64(input: Any, name: str | None = None) -> Tensor:
    """Each string out of the web-safe base64 code."""
    return decode_base64_op(input, name=name)  # type: ignore[no-any-return]


# --- pieces ----------------------------------------------------------------------------------------------------


@op("Substr")
def substr_op(c: ShapeContext) -> Shape:
    pos, size = c.shape(1), c.shape(2)
    if pos is not None and size is not None and len(pos) != len(size):
        raise ShapeError(f"Shape must be rank {len(size)} but is rank {len(pos)}")
    for a, b in zip(pos or (), size or (), strict=False):
        if a is not None and b is not None and a != b:
            raise ShapeError(f"pos and len shapes must match: {shown(pos)} vs. {shown(size)}")
    return broadcast(c.shape(0), pos)


substr_op.gradient(NOT_DIFFERENTIABLE)


@substr_op.kernel
def _substr(input: np.ndarray, pos: torch.Tensor, len: torch.Tensor, *, unit: Any) -> np.ndarray:
    starts, sizes = pos.cpu().numpy(), len.cpu().numpy()
    try:
        texts, starts, sizes = np.broadcast_arrays(input, starts, sizes)
    except ValueError as cause:
        raise _refuse(f"Incompatible shapes: {shape_text(input)} vs. {shape_text(pos)}") from cause
    by_byte = as_text_attr(unit) == "BYTE"
    rows = zip(texts.reshape(-1).tolist(), starts.reshape(-1).tolist(), sizes.reshape(-1).tolist(), strict=True)
    out = [_piece(text, start, size, by_byte, i) for i, (text, start, size) in enumerate(rows)]
    return string_array(out, texts.shape)


def _piece(text: bytes, start: int, size: int, by_byte: bool, at: int) -> bytes:
    count = len(text)
    places = range(count) if by_byte else _char_starts(text)
    held = len(places)
    first = start + held if start < 0 else start
    if not 0 <= first <= held:
        shown = f" b'{text.decode('utf-8', 'replace')}'" if by_byte else ""
        raise _refuse(f"pos {start} out of range for string{shown} at index {at}")
    last = held if size < 0 else min(held, first + size)
    bounds = [*places, count]
    return text[bounds[first] : bounds[last]]


def _split_shapes(c: ShapeContext) -> list[Shape]:
    with_rank(c.shape(0), 1)
    with_rank(c.shape(1), 0)
    return [(None, 2), (None,), (2,)]


split_op = op("StringSplit")(_split_shapes)
split_v2_op = op("StringSplitV2")(_split_shapes)
split_op.gradient(NOT_DIFFERENTIABLE)
split_v2_op.gradient(NOT_DIFFERENTIABLE)


def _as_sparse(rows: Sequence[Sequence[bytes]], device: Any) -> list[Any]:
    places = [(i, j) for i, row in enumerate(rows) for j in range(len(row))]
    flat = [piece for row in rows for piece in row]
    return [
        torch.tensor(places, dtype=torch.int64, device=device).reshape(-1, 2),
        string_array(flat, (len(flat),)),
        torch.tensor([len(rows), max((len(r) for r in rows), default=0)], dtype=torch.int64, device=device),
    ]


def _check_split(input: np.ndarray, what: str, separator: np.ndarray) -> None:
    if input.ndim != 1:
        raise _refuse(f"input must be a vector, got shape: {shape_text(input)}")
    if separator.ndim:
        raise _refuse(f"{what} must be a scalar, got shape: {shape_text(separator)}")


@split_op.kernel
def _split(input: np.ndarray, delimiter: np.ndarray, *, skip_empty: bool, device: Any) -> list[Any]:
    _check_split(input, "delimiter", delimiter)
    marks = delimiter.item()
    rows = []
    for text in input.tolist():
        if not marks:
            rows.append([text[i : i + 1] for i in range(len(text))])
            continue
        if not text:
            rows.append([])
            continue
        pieces = text.split(marks) if len(marks) == 1 else re.split(b"[" + re.escape(marks) + b"]", text)
        rows.append([p for p in pieces if p] if skip_empty else pieces)
    return _as_sparse(rows, device)


@split_v2_op.kernel
def _split_v2(input: np.ndarray, sep: np.ndarray, *, maxsplit: int, device: Any) -> list[Any]:
    _check_split(input, "sep", sep)
    mark = sep.item() or None
    return _as_sparse([text.split(mark, maxsplit) for text in input.tolist()], device)


@export("substr")
def substr_deprecated(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """The old name of `strings.substr`."""
    return substr(input, pos, len, name=name, unit=unit)


@export("strings.substr")
def substr(input: Any, pos: Any, len: Any, name: str | None = None, unit: str = "BYTE") -> Tensor:
    """`len` bytes (or characters) of each string from `pos` on; a negative `pos` counts from the end.

    Raises: InvalidArgumentError while running when a string does not reach to `pos`.
    """
    return substr_op(input, pos, len, unit=unit, name=name)  # type: ignore[no-any-return]


@export(v2=("strings.substr",))
def substr_v2(input: Any, pos: Any, len: Any, unit: str = "BYTE", name: str | None = None) -> Tensor:
    """As `substr`, with the arguments in TF 2's order."""
    return substr_op(input, pos, len, unit=unit, name=name)  # type: ignore[no-any-return]


def _in_form(parts: Any, result_type: str) -> Any:
    indices, values, shape = parts
    indices.set_shape([None, 2])
    values.set_shape([None])
    shape.set_shape([2])
    found = SparseTensor(indices, values, shape)
    if result_type == "SparseTensor":
        return found
    if result_type != "RaggedTensor":
        raise ValueError("result_type must be 'RaggedTensor' or 'SparseTensor'.")
    raise NotImplementedError("splitting strings into a RaggedTensor is not supported: ask for a SparseTensor")


@export("string_split")
def string_split(
    source: Any,
    sep: Any = None,
    skip_empty: bool = True,
    delimiter: Any = None,
    result_type: str = "SparseTensor",
    name: str | None = None,
) -> Any:
    """The pieces of each string of a vector between separators (any byte of `sep`, by default blanks)."""
    with name_scope(name, "StringSplit", [source]):
        delimiter = renamed_argument("sep", sep, "delimiter", delimiter)
        delimiter = to_tensor(" " if delimiter is None else delimiter, dtype=dtypes.string)
        source = to_tensor(source, dtype=dtypes.string)
        return _in_form(split_op(source, delimiter, skip_empty=skip_empty), result_type)


@export("strings.split")
def strings_split_v1(
    input: Any = None,
    sep: Any = None,
    maxsplit: int = -1,
    result_type: str = "SparseTensor",
    source: Any = None,
    name: str | None = None,
) -> Any:
    """The pieces of each string between separators, as Python's `split` finds them."""
    input = renamed_argument("input", input, "source", source)
    with name_scope(name, "StringSplit", [input]):
        input = to_tensor(input, dtype=dtypes.string, name="input")
        if result_type == "SparseTensor" and input.shape.rank == 0:
            from tfcompat.ops.arrays import stack

            input = stack([input])
        sep = to_tensor("" if sep is None else sep, dtype=dtypes.string)
        return _in_form(split_v2_op(input, sep, maxsplit=maxsplit), result_type)


# --- regular expressions ---------------------------------------------------------------------------------------

_POSIX = {
    "alnum": "0-9A-Za-z", "alpha": "A-Za-z", "ascii": r"\x00-\x7F", "blank": r"\t ", "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9", "graph": "!-~", "lower": "a-z", "print": " -~", "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ", "upper": "A-Z", "word": "0-9A-Za-z_", "xdigit": "0-9A-Fa-f",
}  # fmt: skip
_PIECE = re.compile(r"\\(?P<escaped>.)|\[:(?P<class>\w+):\]|(?P<end>\$)|(?P<open>\[\^?\]?)|(?P<close>\])|.", re.DOTALL)


def _compile(pattern: bytes) -> re.Pattern[str]:
    """A pattern in RE2's syntax for Python's `re`.

    Raises: InvalidArgumentError for a bad pattern, or for Unicode classes, which `re` does not know.
    """
    text = pattern.decode("utf-8", "surrogateescape")
    out = []
    inside = False
    for piece in _PIECE.finditer(text):
        found = piece.group()
        if piece["escaped"] in ("p", "P", "C", "Q"):
            raise _refuse(f"Invalid pattern: {text}, error: \\{piece['escaped']} is not supported")
        if piece["escaped"] == "z":
            found = r"\Z"
        elif piece["class"] is not None and inside:
            found = _POSIX.get(piece["class"], found)
        elif piece["end"] and not inside and "(?m" not in text:
            found = r"\Z"
        elif piece["open"]:
            found = found if not inside else found.replace("[", r"\[", 1)
            inside = True
        elif piece["close"] and inside:
            inside = False
        out.append(found)
    try:
        return re.compile("".join(out), re.ASCII)
    except re.error as cause:
        problem = f"missing ): {text}" if "unterminated subpattern" in str(cause) else str(cause)
        raise _refuse(f"Invalid pattern: {text}, error: {problem}") from cause


def _replacer(pattern: bytes, rewrite: bytes, everywhere: bool) -> Any:
    compiled = _compile(pattern)
    parts = re.split(r"(\\.)", rewrite.decode("utf-8", "surrogateescape"))

    def known(part: str) -> bool:
        """Whether a rewrite's escape is a backslash or a group that the pattern has."""
        return part[1:] == "\\" or (part[1:].isdigit() and int(part[1:]) <= compiled.groups)

    # A rewrite with an unknown group: one replacement is not made at all, many end before the group.
    unknown = next((i for i, p in enumerate(parts) if p[:1] == "\\" and not known(p)), len(parts))
    bad = unknown < len(parts) and not everywhere
    parts = parts[:unknown]

    def written(found: re.Match[str]) -> str:
        out = []
        for part in parts:
            if part[:1] != "\\":
                out.append(part)
            else:
                out.append("\\" if part[1:] == "\\" else found.group(int(part[1:])) or "")
        return "".join(out)

    def replace(data: bytes) -> bytes:
        if bad:
            return data
        text = data.decode("utf-8", "surrogateescape")
        out, at, last = [], 0, -1
        for found in compiled.finditer(text):
            if found.end() == found.start() == last:
                continue  # no empty match right behind another one
            out += [text[at : found.start()], written(found)]
            at = last = found.end()
            if not everywhere:
                break
        return ("".join(out) + text[at:]).encode("utf-8", "surrogateescape")

    return replace


def _full_matcher(pattern: bytes) -> Any:
    compiled = _compile(pattern)
    return lambda data: compiled.fullmatch(data.decode("utf-8", "surrogateescape")) is not None


@op("RegexReplace")
def regex_replace_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0)
    with_rank(c.shape(2), 0)
    return c.shape(0)


@op("RegexFullMatch")
def regex_full_match_op(c: ShapeContext) -> Shape:
    with_rank(c.shape(1), 0)
    return c.shape(0)


regex_replace_op.gradient(NOT_DIFFERENTIABLE)
regex_full_match_op.gradient(NOT_DIFFERENTIABLE)
static_regex_replace_op = _same_shape("StaticRegexReplace")
static_regex_full_match_op = _same_shape("StaticRegexFullMatch")


@regex_replace_op.kernel
def _regex_replace(input: np.ndarray, pattern: np.ndarray, rewrite: np.ndarray, *, replace_global: bool) -> np.ndarray:
    for what, value in (("Pattern", pattern), ("Rewrite", rewrite)):
        if value.ndim:
            raise _refuse(f"{what} must be scalar, but received {shape_text(value)}")
    return each(_replacer(pattern.item(), rewrite.item(), replace_global), input)


@static_regex_replace_op.builder
def _build_static_replace(c: KernelContext) -> Any:
    attrs = c.attrs
    replace = _replacer(as_bytes_attr(attrs["pattern"]), as_bytes_attr(attrs["rewrite"]), attrs["replace_global"])
    return lambda input: each(replace, input)


def _matches(match: Any, input: np.ndarray, device: Any) -> torch.Tensor:
    found = [match(s) for s in input.reshape(-1).tolist()]
    return torch.tensor(found, dtype=torch.bool, device=device).reshape(input.shape)


@regex_full_match_op.kernel
def _regex_full_match(input: np.ndarray, pattern: np.ndarray, *, device: Any) -> torch.Tensor:
    if pattern.ndim:
        raise _refuse(f"Pattern must be scalar, but received {shape_text(pattern)}")
    return _matches(_full_matcher(pattern.item()), input, device)


@static_regex_full_match_op.builder
def _build_static_match(c: KernelContext) -> Any:
    match, device = _full_matcher(as_bytes_attr(c.attrs["pattern"])), c.device
    return lambda input: _matches(match, input, device)


@export("strings.regex_replace", "regex_replace", v2=("strings.regex_replace",))
def regex_replace(input: Any, pattern: Any, rewrite: Any, replace_global: bool = True, name: str | None = None) -> Tensor:
    """Each string with what matches `pattern` replaced by `rewrite` (\\1 is the first group): everywhere, or once."""
    if isinstance(pattern, (str, bytes)) and isinstance(rewrite, (str, bytes)):
        return static_regex_replace_op(  # type: ignore[no-any-return]
            input, pattern=pattern, rewrite=rewrite, replace_global=replace_global, name=name
        )
    return regex_replace_op(input, pattern, rewrite, replace_global=replace_global, name=name)  # type: ignore[no-any-return]


@export("strings.regex_full_match", v2=("strings.regex_full_match",))
def regex_full_match(input: Any, pattern: Any, name: str | None = None) -> Tensor:
    """Whether each string as a whole matches `pattern`."""
    if isinstance(pattern, (str, bytes)):
        return static_regex_full_match_op(input, pattern=pattern, name=name)  # type: ignore[no-any-return]
    return regex_full_match_op(input, pattern, name=name)  # type: ignore[no-any-return]


# --- joining ---------------------------------------------------------------------------------------------------


@op("ReduceJoin")
def reduce_join_op(c: ShapeContext) -> Shape:
    shape, axes = c.shape(0), c.value(1)
    if shape is None:
        return None
    if axes is None:
        return (None,) * len(shape) if c.attrs["keep_dims"] else None
    gone = set()
    for axis in np.asarray(axes).reshape(-1).tolist():
        if not -len(shape) <= axis < len(shape):
            raise ShapeError(f"Invalid reduction dimension {axis} for input with {len(shape)} dimensions.")
        gone.add(axis % len(shape))
    if c.attrs["keep_dims"]:
        return tuple(1 if i in gone else d for i, d in enumerate(shape))
    return tuple(d for i, d in enumerate(shape) if i not in gone)


reduce_join_op.gradient(NOT_DIFFERENTIABLE)


@reduce_join_op.kernel
def _reduce_join(inputs: np.ndarray, reduction_indices: torch.Tensor, *, keep_dims: bool, separator: Any) -> np.ndarray:
    axes = []
    for axis in reduction_indices.reshape(-1).tolist():
        if not -inputs.ndim <= axis < inputs.ndim:
            raise _refuse(f"Invalid reduction dimension {axis} for input with {inputs.ndim} dimension(s)")
        if axis % inputs.ndim in axes:
            raise _refuse(f"Duplicate reduction dimension {axis}")
        axes.append(axis % inputs.ndim)
    if not axes:
        return inputs
    kept = [i for i in range(inputs.ndim) if i not in axes]
    count = int(np.prod([inputs.shape[i] for i in axes]))
    rest = [inputs.shape[i] for i in kept]
    rows = inputs.transpose(kept + axes[::-1]).reshape(int(np.prod(rest)), count).tolist()
    between = as_bytes_attr(separator)
    shape = [1 if i in axes else d for i, d in enumerate(inputs.shape)] if keep_dims else rest
    return string_array([between.join(row) for row in rows], shape)


@op("UnsortedSegmentJoin")
def unsorted_segment_join_op(c: ShapeContext) -> Shape:
    data, ids, count = c.shape(0), c.shape(1), c.value(2)
    with_rank(c.shape(2), 0)
    if data is None or ids is None:
        return None
    if len(ids) > len(data):
        raise ShapeError(f"Shape must be at least rank {len(ids)} but is rank {len(data)}")
    return (None if count is None else int(count), *data[len(ids) :])


unsorted_segment_join_op.gradient(NOT_DIFFERENTIABLE)


@unsorted_segment_join_op.kernel
def _unsorted_segment_join(
    inputs: np.ndarray, segment_ids: torch.Tensor, num_segments: torch.Tensor, *, separator: Any
) -> np.ndarray:
    ids, count = segment_ids.cpu().numpy(), int(num_segments)
    if count < 0:
        raise _refuse(f"Number of segments cannot be negative but got {count}")
    if inputs.shape[: ids.ndim] != ids.shape:
        raise _refuse(
            f"data.shape must start with segment_ids.shape, but got data.shape = {shape_text(inputs)} and "
            f"segment_ids.shape = {shape_text(ids)}"
        )
    rest = inputs.shape[ids.ndim :]
    width = int(np.prod(rest))
    groups: list[list[list[bytes]]] = [[[] for _ in range(width)] for _ in range(count)]
    for number, row in zip(ids.reshape(-1).tolist(), inputs.reshape(ids.size, width).tolist(), strict=True):
        if not 0 <= number < count:
            raise _refuse("segment_ids are not allowed to exceed num_segments or to have negative values.")
        for group, piece in zip(groups[number], row, strict=True):
            group.append(piece)
    between = as_bytes_attr(separator)
    return string_array([between.join(group) for row in groups for group in row], (count, *rest))


@export("strings.reduce_join", "reduce_join")
def reduce_join(
    inputs: Any,
    axis: Any = None,
    keep_dims: Any = None,
    separator: str = "",
    name: str | None = None,
    reduction_indices: Any = None,
    keepdims: Any = None,
) -> Tensor:
    """The strings along axes joined to one, the first axis given changing fastest (None: in order, the last fastest)."""
    keepdims = renamed_argument("keepdims", keepdims, "keep_dims", keep_dims)
    axis = renamed_argument("axis", axis, "reduction_indices", reduction_indices)
    return reduce_join_v2(inputs, axis, bool(keepdims), separator, name)


@export(v2=("strings.reduce_join",))
def reduce_join_v2(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: str | None = None
) -> Tensor:
    """As `reduce_join`."""
    with name_scope(None, "ReduceJoin", [inputs, axis]):
        inputs = to_tensor(inputs)
        if axis is None:
            rank = inputs.get_shape().ndims
            if rank is None:
                axis = ranges.range(shape_queries.rank(inputs) - 1, -1, -1)
            else:
                axis = constant(np.arange(rank - 1, -1, -1), dtype=dtypes.int32)
        return reduce_join_op(inputs, axis, keep_dims=keepdims, separator=separator, name=name)  # type: ignore[no-any-return]


@export("strings.unsorted_segment_join", v2=("strings.unsorted_segment_join",))
def unsorted_segment_join(
    inputs: Any, segment_ids: Any, num_segments: Any, separator: str = "", name: str | None = None
) -> Tensor:
    """The strings of each segment joined to one."""
    return unsorted_segment_join_op(inputs, segment_ids, num_segments, separator=separator, name=name)  # type: ignore[no-any-return]
