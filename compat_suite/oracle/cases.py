"""Oracle cases from the ops' own samples, one for each dtype that the op's definition allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from compat_suite.oracle.evaluate import pack
from tfcompat import raw_ops
from tfcompat.framework import dtypes, op_defs
from tfcompat.framework.op import NOT_DIFFERENTIABLE, OPS, Op
from tfcompat.framework.samples import Sample, Spec
from tfcompat.framework.shapes import TensorShape

Case = dict[str, Any]

# The types that samples are turned into; quantized and string types have cases of their own.
REAL = ("float64", "float32", "float16", "bfloat16")
COMPLEX = ("complex64", "complex128")
WHOLE = ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64")
EVERY_SAMPLE = ("float64", "float32")  # other types: the op's first two samples

# Outputs whose gradient is compared. TF's rule leaves out what the others contribute, or they are free up to a sign.
SMOOTH_OUTPUTS = {
    **{key: [0] for key in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")},
    **{
        key: [0] for key in ("SoftmaxCrossEntropyWithLogits", "SparseSoftmaxCrossEntropyWithLogits", "SelfAdjointEigV2")
    },
    "Svd": [0],
}
# Outputs that mathematics leaves free (signs of eigenvectors) or that TF leaves empty (reserved space).
FREE_OUTPUTS = {
    "SelfAdjointEigV2": [1], "SelfAdjointEig": [0], "Svd": [1, 2], "Qr": [],
    **{key: [3, 4] for key in ("FusedBatchNormGrad", "FusedBatchNormGradV2", "FusedBatchNormGradV3")},
}  # fmt: skip
# TF 1.15's gradient is not the derivative there (found by central differences); ours is.
OWN_GRADIENT = frozenset({"MatrixSetDiagV2", "SparseAddGrad"})
OWN_ADJOINT_GRADIENT = frozenset({"MatrixInverse"})
OWN_COMPLEX_GRADIENT = frozenset(
    {"LogMatrixDeterminant", "MatrixDeterminant", "MatrixSolveLs", "MatrixSquareRoot", "TridiagonalSolve"}
)

# TF 1.15 is not to be followed there: it takes the last of equal values (the first in every other type), applies the
# bounds of an empty range the other way round, finds NaN for singular values.
UNLIKE_OTHERS = frozenset(
    {
        ("ArgMax", "uint32"),
        ("TopKV2", "uint32"),
        ("ClipByValue", "uint32"),
        ("ClipByValue", "uint64"),
        ("Svd", "float16"),
    }
)
# Ops whose `Tout` goes with the type of the input; TF does not check, and reads what is not there.
PARTS = {"complex64": "float32", "complex128": "float64", "float32": "complex64", "float64": "complex128"}
OF_PARTS = ("Real", "Imag", "Angle", "ComplexAbs", "Complex")


def public_name(op_type: str, argument: str) -> str:
    """What `tf.raw_ops` calls an argument or attr."""
    return raw_ops._RENAMED.get(op_type, {}).get(argument, argument)


def packed(array: np.ndarray, name: str) -> list[Any]:
    """The array as JSON under a type's name (bfloat16 travels as float32)."""
    made = pack(array)
    return [name, *made[1:]] if made[0] != "string" else made


def as_type(array: np.ndarray, name: str) -> np.ndarray:
    """Drawn numbers in another type: whole numbers are four times as large and never 0, complex ones get a second part."""
    if name in WHOLE:
        whole = np.rint(array.real * 4) if array.dtype.kind in "fc" else array
        whole = np.where(whole == 0, 1, whole)
        return (np.abs(whole) if name.startswith("u") else whole).astype(name)
    if name in COMPLEX and array.dtype.kind != "c":
        return (array + 0.5j * np.roll(array, 1)).astype(name)
    if name == "bfloat16":
        return (array.real.astype(np.float32).view(np.uint32) & 0xFFFF0000).astype(np.uint32).view(np.float32)
    if array.dtype.kind == "c" and name not in COMPLEX:
        return array.real.astype(name)
    return array.astype(name)


def attr(value: Any) -> Any:
    """An attr in JSON form. Raises TypeError for one that has none (a function, an array)."""
    if isinstance(value, (list, tuple)):
        return [attr(v) for v in value]
    if isinstance(value, dtypes.DType):
        return {"type": value.name}
    if isinstance(value, type) and issubclass(value, np.generic):
        return {"type": np.dtype(value).name}
    if isinstance(value, TensorShape):
        return {"shape": None if value.dims is None else value.as_list()}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"no JSON form for {value!r}")


def attrs_of(op: Op, given: dict[str, Any]) -> dict[str, Any]:
    """The sample's attrs; random ops without a seed get one, so that both sides draw the same numbers."""
    out = {}
    for key, value in given.items():
        spec = op.definition.attrs.get(key)
        if spec is not None and spec.type == "shape" and not isinstance(value, TensorShape):
            value = TensorShape(value)
        if spec is not None and spec.type == "list(shape)":
            value = [TensorShape(v) for v in value]
        if spec is not None and spec.type == "type":
            value = dtypes.as_dtype(value)
        out[public_name(op.type, key)] = attr(value)
    if (
        "seed" in op.definition.attrs
        and "seed2" in op.definition.attrs
        and not (given.get("seed") or given.get("seed2"))
    ):
        out.update(seed=5, seed2=7)
    return out


def free_types(op: Op, sample: Sample) -> dict[str, tuple[str, ...]]:
    """Type attrs that a drawn real or complex input settles -> the types its definition allows."""
    found: dict[str, tuple[str, ...]] = {}
    for arg, value in zip(op.definition.inputs, sample.inputs, strict=True):
        values = value if isinstance(value, (list, tuple)) else [value]
        if not arg.type_attr or not any(isinstance(v, Spec) and v.differentiable for v in values):
            continue
        allowed = op.definition.attrs[arg.type_attr].allowed
        names = [d.name for d in allowed] if allowed else [*REAL, *WHOLE, *COMPLEX]
        found[arg.type_attr] = tuple(n for n in names if n in (*REAL, *WHOLE, *COMPLEX))
    return found


def drawn(op: Op, sample: Sample, seed: int = 7) -> list[Any]:
    """Inputs as (array, is drawn, is differentiable), lists of them for list inputs."""
    rng = np.random.RandomState(seed)

    def one(value: Any) -> tuple[np.ndarray, bool, bool]:
        if isinstance(value, Spec):
            return np.asarray(value.draw(rng)), True, value.differentiable
        return np.asarray(value), False, False

    return [
        [one(v) for v in value] if arg.is_list else one(value)
        for arg, value in zip(op.definition.inputs, sample.inputs, strict=True)
    ]


def case_of(op: Op, sample: Sample, label: str, types: dict[str, str]) -> Case:
    """One use of the op, its type attrs as `types` says and as the arrays have it elsewhere."""
    flat, wrt = 0, []
    inputs = []
    for arg, value in zip(op.definition.inputs, drawn(op, sample), strict=True):
        made = []
        for array, is_drawn, smooth in value if arg.is_list else [value]:
            name = types.get(arg.type_attr) or (arg.type.name if arg.type else array.dtype.name)
            if array.dtype.kind in "OSU":
                made.append({"a": pack(array)})
            else:
                if arg.type_list_attr and array.dtype == np.float64 and "float32" in types.values():
                    name = "float32"
                array = array.view() if array.dtype.name == name else as_type(array, name) if is_drawn else array
                if array.dtype.name != name:
                    array = as_type(array, name) if name == "bfloat16" else array.astype(name)
                made.append({"a": packed(array, name), "fed": is_drawn and name != "bfloat16"})
                if is_drawn and smooth and name in (*REAL, *COMPLEX):
                    wrt.append(flat)
            flat += 1
        inputs.append([public_name(op.type, arg.name), made if arg.is_list else made[0]])
    if op.gradient_fn is None or op.gradient_fn is NOT_DIFFERENTIABLE:
        wrt = []
    ys = SMOOTH_OUTPUTS.get(op.type, None if sample.outputs is None else list(sample.outputs))
    if (
        op.type in OWN_GRADIENT
        or (op.type in OWN_ADJOINT_GRADIENT and sample.attrs.get("adjoint"))
        or (op.type in OWN_COMPLEX_GRADIENT and set(types.values()) & set(COMPLEX))
    ):
        wrt = []
    attrs = attrs_of(op, sample.attrs)
    if op.type in OF_PARTS and "T" in types:
        attrs["Tout"] = {"type": PARTS[types["T"]]}
    case = {"id": f"{op.type}-{label}", "op": op.type, "inputs": inputs, "attrs": attrs, "wrt": wrt, "ys": ys}
    if op.type == "Empty" and not attrs.get("init"):
        return {**case, "skip": [0]}
    if op.type.startswith("FusedBatchNorm") and "Grad" not in op.type and attrs.get("is_training") is False:
        return {**case, "skip": [1, 2, 3, 4, 5]}  # TF leaves what it did not compute as it found it
    return {**case, "skip": FREE_OUTPUTS[op.type]} if op.type in FREE_OUTPUTS else case


def of_sample(op: Op, sample: Sample, place: int) -> Iterator[Case]:
    """The sample in every type that is worth a case."""
    free = free_types(op, sample)
    if not free:
        yield case_of(op, sample, f"{place}", {})
        return
    every = [t for t in (*REAL, *WHOLE, *COMPLEX) if any(t in allowed for allowed in free.values())]
    for name in every:
        if name not in EVERY_SAMPLE and place >= 2:
            continue
        if op.type.startswith("Conv2DBackprop") and place == 6:
            continue  # grouped: TF ends the process there, or gives other numbers each time
        if (op.type, name) in UNLIKE_OTHERS:
            continue
        if name not in EVERY_SAMPLE and any(name not in allowed for allowed in free.values()):
            continue
        types = {key: name if name in allowed else allowed[0] for key, allowed in free.items() if allowed}
        yield case_of(op, sample, f"{place}-{name}", types)


def feedable(op: Op) -> bool:
    """Whether every input can be given as an array."""
    handles = (dtypes.resource, dtypes.variant)
    return not any(a.is_ref or a.type in handles for a in op.definition.inputs)


def from_samples() -> Iterator[Case]:
    """Cases from every op that has a kernel and samples."""
    for op_type in sorted(OPS):
        op = OPS[op_type]
        if (op.kernel_fn is None and op.build_fn is None) or op.samples_fn is None or not feedable(op):
            continue
        if not op_defs.in_raw_ops(op_type):
            continue
        for place, sample in enumerate(op.samples_fn()):
            try:
                yield from of_sample(op, sample, place)
            except TypeError as cause:
                if "no JSON form" not in str(cause):
                    raise


def all_cases() -> list[Case]:
    """Every case, each id once."""
    import tfcompat.ops  # noqa: F401  declares the ops
    from compat_suite.oracle import state_cases, table

    found: dict[str, Case] = {}
    for source in (from_samples(), table.cases(), state_cases.cases()):
        for case in source:
            assert case["id"] not in found, case["id"]
            json.dumps(case)  # what cannot be written down fails here, with the case at hand
            found[case["id"]] = case
    return list(found.values())
