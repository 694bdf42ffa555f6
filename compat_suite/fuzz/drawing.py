"""Draws random uses of ops: shapes, dtypes, values and attrs that fit, nearly fit, or do not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tfcompat.framework import dtypes, op_defs
from tfcompat.framework.op import OPS, Op
from tfcompat.framework.samples import Spec

# Not asked: these end or stop the process, wait for others, or write files that a random name would choose.
LEFT_OUT = (
    "Abort", "PyFunc", "PyFuncStateless", "EagerPyFunc", "Save", "SaveV2", "SaveSlices", "MergeV2Checkpoints",
    "WriteFile", "PrintV2", "Print",
)  # fmt: skip
WAITING = ("Queue", "Barrier", "Stage", "Unstage", "Reader", "Accumulator", "Recv", "Send", "Iterator", "Dataset",
           "SummaryWriter", "Mutex", "RecordInput", "Loop", "Enter", "Exit", "Merge", "NextIteration")  # fmt: skip

MAKERS = (
    "Random",
    "Normal",
    "Uniform",
    "TensorArray",
    "TensorList",
    "Multinomial",
    "Sampler",
    "Resize",
    "Scale",
    "BroadcastTo",
)

DIMS = (0, 1, 1, 2, 2, 3, 3, 4, 5, 8)
HUGE = (2**31 - 1, 2**33, 10**12)  # in static shapes only: nothing of this size is run
INTS = (-(2**31), -5, -3, -2, -1, -1, 0, 0, 1, 1, 1, 2, 2, 3, 4, 7, 100, 2**31 - 1)
FLOATS = (0.0, 1.0, -1.0, 0.5, 1e-30, 1e30, float("nan"), float("inf"), float("-inf"), -0.0, 2.0)
WORDS = ("SAME", "VALID", "NHWC", "NCHW", "NDHWC", "", "max", "min", "linear", "UTF-8", "sum", "\x00", "é", "a b")
NUMERIC = tuple(
    getattr(dtypes, n)
    for n in "float32 float64 int32 int64 bool float16 bfloat16 uint8 int8 int16 uint16 complex64 complex128 string".split()
)


@dataclass
class Use:
    """One use of an op as drawn: arrays (None dims: a placeholder that is never run) and attrs."""

    op: str
    inputs: list[Any] = field(default_factory=list)
    attrs: dict[str, Any] = field(default_factory=dict)
    static: str = "known"  # what placeholders say of their shape: known, rank, unknown, huge, constant
    gradient: bool = False

    def __str__(self) -> str:
        def one(v: Any) -> str:
            if isinstance(v, list):
                return "[" + ", ".join(one(x) for x in v) + "]"
            kind, dtype, array = v
            text = np.array2string(array, threshold=12, separator=",").replace("\n", "")
            return f"{kind} {dtype.name}{list(array.shape)} {text}"

        args = ", ".join(one(v) for v in self.inputs)
        return f"{self.op}({args}; {self.attrs}) {self.static}{' gradient' if self.gradient else ''}"


def candidates() -> list[str]:
    """The op types that are asked."""
    import tfcompat.ops  # noqa: F401  declares the ops

    found = []
    for name in sorted(OPS):
        op = OPS[name]
        if (op.kernel_fn is None and op.build_fn is None) or not op_defs.in_raw_ops(name):
            continue
        if name in LEFT_OUT or any(word in name for word in WAITING):
            continue
        if any(a.type in ("func", "list(func)") for a in op.definition.attrs.values()):
            continue
        if any(a.type is dtypes.variant for a in op.definition.inputs):
            continue
        found.append(name)
    return found


class Drawer:
    """Draws one use after the other from a seeded generator."""

    def __init__(self, seed: int) -> None:
        self.rng = np.random.RandomState(seed % 2**32)
        self.calm = False  # no extreme integers: for ops that would honestly make so many values

    def one_of(self, values: Any) -> Any:
        return values[self.rng.randint(len(values))]

    def chance(self, p: float) -> bool:
        return bool(self.rng.rand() < p)

    def shape(self) -> tuple[int, ...]:
        return tuple(int(self.one_of(DIMS)) for _ in range(self.one_of((0, 0, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6))))

    def array(self, dtype: Any, shape: tuple[int, ...]) -> np.ndarray:
        """Values of a dtype: ordinary ones, now and then extreme ones."""
        rng = self.rng
        if dtype is dtypes.string:
            made = np.empty(shape, object)
            made[...] = self.one_of((b"", b"a", b"1.5", b"\xff\xfe", b"a,b c"))
            return made
        kind = np.dtype(dtype.as_numpy_dtype if not dtype.is_quantized else dtype.name[1:])
        if dtype is dtypes.bfloat16:
            kind = np.dtype(np.float32)
        if kind.kind == "b":
            return np.asarray(rng.rand(*shape) < 0.5)
        if kind.kind in "iu":
            if self.chance(0.08) and not self.calm:
                info = np.iinfo(kind)
                return np.full(shape, self.one_of((info.min, info.max)), kind)
            low = 0 if kind.kind == "u" else -2 if self.chance(0.4) else 0
            return np.asarray(rng.randint(low, self.one_of((2, 4, 9)), shape)).astype(kind)
        made = np.asarray(rng.uniform(-2, 2, shape))
        if kind.kind == "c":
            made = made + 1j * rng.uniform(-2, 2, shape)
        if self.chance(0.15) and made.size:
            flat = made.reshape(-1)
            flat[rng.randint(flat.size)] = self.one_of(FLOATS)
            made = flat.reshape(shape)
        with np.errstate(all="ignore"):
            return made.astype(kind)

    def attr(self, op: Op, name: str, kind: str, allowed: Any) -> Any:
        if any(name == out.number_attr for out in op.definition.outputs):
            return int(self.one_of((-1, 0, 1, 2, 3, 5)))  # so many outputs: TF itself would not live through more
        if kind.startswith("list("):
            return [self.attr(op, name, kind[5:-1], allowed) for _ in range(self.one_of((0, 1, 2, 3, 4, 4, 5)))]
        if allowed and not self.chance(0.1):
            return self.one_of(list(allowed))
        if kind == "type":
            return self.one_of(NUMERIC)
        if kind == "bool":
            return self.chance(0.5)
        if kind == "int" and name in ("width", "precision", "range_max", "num_sampled"):
            return int(self.one_of((-2, -1, 0, 1, 3, 10)))
        if kind == "int":
            return int(self.one_of(INTS))
        if kind == "float":
            return float(self.one_of(FLOATS))
        if kind == "string":
            return self.one_of(WORDS)
        if kind == "shape":
            return None if self.chance(0.2) else [None if self.chance(0.2) else d for d in self.shape()]
        return None

    def use(self, op_type: str) -> Use:
        """A use of the op: from one of its samples with something changed, or all drawn."""
        op = OPS[op_type]
        self.calm = any(word in op_type for word in MAKERS)
        made = None
        if op.samples_fn is not None and self.chance(0.55):
            made = self.from_sample(op)
        made = made or self.free(op)
        made.static = self.one_of(("known", "known", "rank", "unknown", "constant", "constant", "huge"))
        made.gradient = self.chance(0.3)
        return made

    def free(self, op: Op) -> Use:
        use = Use(op.type)
        types: dict[str, Any] = {}
        common = self.shape() if self.chance(0.6) else None
        for key, spec in op.definition.attrs.items():
            if spec.type == "type":
                choices = [d for d in (spec.allowed or NUMERIC) if d in NUMERIC or d.is_quantized]
                types[key] = self.one_of(choices or NUMERIC)
            if key in op.definition.inferred:
                continue
            if spec.has_default and not self.chance(0.4):
                continue
            use.attrs[key] = types[key] if key in types else self.attr(op, key, spec.type, spec.allowed)
        for arg in op.definition.inputs:

            def one(arg: Any = arg) -> Any:
                dtype = arg.type or types.get(arg.type_attr) or self.one_of(NUMERIC)
                if self.chance(0.04):
                    dtype = self.one_of(NUMERIC)
                kind = "ref" if arg.is_ref else "value"
                if arg.type is dtypes.resource:
                    kind, dtype = "resource", types.get("dtype") or types.get("T") or dtypes.float32
                shape = common if common is not None and not self.chance(0.2) else self.shape()
                if self.chance(0.25) and dtype.is_integer:
                    shape = self.one_of(((), (1,), (2,), (3,), (4,)))
                return kind, dtype, self.array(dtype, shape)

            use.inputs.append([one() for _ in range(self.one_of((0, 1, 2, 2, 3)))] if arg.is_list else one())
        return use

    def from_sample(self, op: Op) -> Use | None:
        sample = self.one_of(list(op.samples_fn()))  # type: ignore[misc]
        use = Use(op.type, attrs=dict(sample.attrs))

        def one(arg: Any, value: Any) -> Any:
            array = np.asarray(value.draw(self.rng) if isinstance(value, Spec) else value)
            if array.dtype.kind in "SU":
                array = array.astype(object)
            dtype = arg.type or (dtypes.string if array.dtype == object else dtypes.as_dtype(array.dtype))
            allowed = op.definition.attrs[arg.type_attr].allowed if arg.type_attr else None
            if allowed and dtype not in allowed:
                dtype = dtypes.float32 if dtypes.float32 in allowed else allowed[0]
            kind = "ref" if arg.is_ref else "value"
            if dtype not in (dtypes.string, dtypes.bfloat16) and not dtype.is_quantized and array.dtype != object:
                array = array.astype(dtype.as_numpy_dtype)
            return kind, dtype, array

        for arg, value in zip(op.definition.inputs, sample.inputs, strict=True):
            use.inputs.append([one(arg, v) for v in value] if arg.is_list else one(arg, value))
        for _ in range(self.one_of((0, 1, 1, 1, 2, 3))):
            self.change(op, use)
        return use

    def change(self, op: Op, use: Use) -> None:
        """One thing made different: an attr, or an input's shape, dtype or values."""
        if use.attrs and self.chance(0.3):
            key = self.one_of(sorted(use.attrs))
            spec = op.definition.attrs.get(key)
            if spec is not None:
                use.attrs[key] = self.attr(op, key, spec.type, spec.allowed)
            return
        places = [(i, j) for i, v in enumerate(use.inputs) for j in range(len(v) if isinstance(v, list) else 1)]
        if not places:
            return
        i, j = self.one_of(places)
        is_list = isinstance(use.inputs[i], list)
        kind, dtype, array = use.inputs[i][j] if is_list else use.inputs[i]
        what = self.one_of(("shape", "values", "values", "empty", "rank", "dtype", "drop"))
        if what == "shape" and array.ndim:
            shape = list(array.shape)
            shape[self.rng.randint(array.ndim)] = self.one_of(DIMS)
            array = self.array(dtype, tuple(shape))
        elif what == "values":
            array = self.array(dtype, array.shape)
        elif what == "empty" and array.ndim:
            shape = list(array.shape)
            shape[self.rng.randint(array.ndim)] = 0
            array = self.array(dtype, tuple(shape))
        elif what == "rank":
            array = array[None] if self.chance(0.5) or not array.ndim else self.array(dtype, array.shape[1:])
        elif what == "dtype":
            dtype = self.one_of(NUMERIC)
            array = self.array(dtype, array.shape)
        elif what == "drop" and is_list:
            del use.inputs[i][j]
            return
        if is_list:
            use.inputs[i][j] = (kind, dtype, array)
        else:
            use.inputs[i] = (kind, dtype, array)
