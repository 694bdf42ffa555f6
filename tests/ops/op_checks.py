"""What is true of every op, as functions of (op, sample) that raise AssertionError. `test_all_ops` runs them."""

from __future__ import annotations

import contextlib
import dataclasses
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from tfcompat.client.session import Session
from tfcompat.framework import conversion, dtypes
from tfcompat.framework.graph import Graph
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Op
from tfcompat.framework.samples import Sample, Spec
from tfcompat.framework.tensor import Tensor
from tfcompat.framework.values import from_numpy
from tfcompat.gradients.engine import gradients
from tfcompat.ops import constants
from tfcompat.runtime import plan as plan_lib
from tfcompat.runtime import program as program_lib
from tfcompat.runtime.executors import reference

SHAPES = ("known", "rank", "unknown")

# Ops that TF builds only when it knows the shapes of their inputs.
NEED_SHAPES = frozenset({"ParallelConcat"})


@dataclasses.dataclass
class Built:
    """One use of an op in its own graph, its fed inputs with values, and its outputs in a flat list."""

    graph: Graph
    fed: list[Tensor]
    values: list[np.ndarray]
    smooth: list[bool]
    outputs: list[Tensor]

    @property
    def feeds(self) -> dict[Tensor, np.ndarray]:
        return dict(zip(self.fed, self.values, strict=True))

    def variables(self) -> list[int]:
        """Positions of the inputs a derivative is taken of."""
        return [i for i, ok in enumerate(self.smooth) if ok]


def unusable(op: Op) -> str | None:
    """Why an op cannot be fed like this: it works on variables or other state. None: it can."""
    for arg in op.definition.inputs:
        if arg.is_ref:
            return "takes a reference variable"
        if arg.type in (dtypes.resource, dtypes.variant):
            return "takes a resource or variant"
    return None


_SINGLE: dict[str, Any] = {"d": np.float32, "D": np.complex64}


def _wanted_type(op: Op, arg: Any, array: np.ndarray) -> Any:
    """The dtype to feed: the array's own unless the definition fixes or excludes it."""
    if arg.type is not None:
        return arg.type
    own = dtypes.as_dtype(array.dtype)
    if arg.type_list_attr:
        return own
    allowed = op.definition.attrs[arg.type_attr].allowed
    if allowed is None or own in allowed:
        return own
    if own is dtypes.float64:
        return dtypes.float32
    if own is dtypes.complex128:
        return dtypes.complex64
    return own


def _placeholder(shape: tuple[int, ...], dtype: Any, known: str) -> Tensor:
    dims = {"known": shape, "rank": (None,) * len(shape), "unknown": None}[known]
    return constants.placeholder(dtype, dims)


def build(op: Op, sample: Sample, known: str = "known", seed: int = 7, single: bool = False) -> Built:
    """The sample in a graph: drawn inputs as placeholders, fixed ones as constants. `single`: in single precision."""
    rng = np.random.RandomState(seed)
    made = Built(Graph(), [], [], [], [])
    with made.graph.as_default():

        def one(arg: Any, value: Any) -> Tensor:
            drawn = isinstance(value, Spec)
            array = value.draw(rng) if drawn else np.asarray(value)
            if array.dtype == object or array.dtype.kind in "SU":
                return constants.constant(array.tolist(), dtypes.string, shape=array.shape or None)
            dtype = _wanted_type(op, arg, array.astype(_SINGLE.get(array.dtype.char, array.dtype)) if single else array)
            array = array.astype(dtype.as_numpy_dtype)
            if not drawn:
                return constants.constant_of_array(array, dtype)
            t = _placeholder(array.shape, dtype, known)
            made.fed.append(t)
            made.values.append(array)
            made.smooth.append(value.differentiable and (dtype.is_floating or dtype.is_complex))
            return t

        inputs = [
            [one(arg, v) for v in value] if arg.is_list else one(arg, value)
            for arg, value in zip(op.definition.inputs, sample.inputs, strict=True)
        ]
        result = op(*inputs, **sample.attrs)
        made.outputs = _flat(result)
    return made


def _flat(result: Any) -> list[Tensor]:
    if isinstance(result, Tensor):
        return [result]
    if isinstance(result, (list, tuple)):
        return [t for part in result for t in _flat(part)]
    return []


def run(built: Built, fetches: Sequence[Tensor], feeds: dict[Tensor, Any] | None = None) -> list[np.ndarray]:
    with Session(graph=built.graph) as session:
        return [np.asarray(v) for v in session.run(list(fetches), built.feeds if feeds is None else feeds)]


# --- shapes and dtypes -----------------------------------------------------------------------------------------


def check_shape_and_dtype(op: Op, sample: Sample, known: str) -> None:
    """What is claimed before the run holds in the run, however much of the inputs' shapes was known."""
    if known != "known" and op.type in NEED_SHAPES:
        with contextlib.suppress(ValueError):
            build(op, sample, known)
            raise AssertionError(f"{op.type} was built without shapes: take it off the list")
        return
    built = build(op, sample, known)
    if not built.outputs:
        return
    for t, value in zip(built.outputs, run(built, built.outputs), strict=True):
        claimed = t._dims
        label = f"{op.type}: {t.name} claims {claimed}, is {value.shape} (input shapes {known})"
        if claimed is not None:
            assert len(claimed) == value.ndim, label
            assert all(c is None or c == d for c, d in zip(claimed, value.shape, strict=True)), label
        wanted = t.dtype.base_dtype
        if wanted is not dtypes.string and wanted is not dtypes.bfloat16 and not wanted.is_quantized:
            assert value.dtype == np.dtype(wanted.as_numpy_dtype), f"{op.type}: {t.name} is {value.dtype}, not {wanted}"


# --- memory ----------------------------------------------------------------------------------------------------


def _storage(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        return value.untyped_storage().data_ptr() if value.numel() else None
    return id(value) if isinstance(value, np.ndarray) else None


def check_memory(op: Op, sample: Sample) -> None:
    """The kernel leaves its inputs alone, and shares memory with them only where the op says so."""
    built = build(op, sample)
    if not built.outputs:
        return
    program = program_lib.make_program(built.graph, built.outputs, [], built.fed)
    with Session(graph=built.graph) as session:
        plan = plan_lib.make_plan(program, session._state)  # no passes: every step runs as written
    fed = [from_numpy(v.copy(), t.dtype.base_dtype) for v, t in zip(built.values, built.fed, strict=True)]
    node = built.outputs[0]._op
    shared: list[Any] = []

    def watch(step: Any, result: Any) -> None:
        if step.instr.node is not node:
            return
        results = [result] if step.single else list(result or ())
        memory = {_storage(v): i for i, v in enumerate(fed) if _storage(v) is not None}
        shared.extend(memory[_storage(r)] for r in results if _storage(r) in memory)

    reference.run_steps(plan, fed, watch)
    label = f"{op.type}: an output shares memory with fed input {shared}, but alias is not declared"
    assert not shared or op.alias, label
    for i, (now, before) in enumerate(zip(fed, built.values, strict=True)):
        after = now.numpy() if isinstance(now, torch.Tensor) else now
        assert np.array_equal(after, before, equal_nan=before.dtype.kind in "fc"), f"{op.type}: input {i} was changed"


# --- derivatives -----------------------------------------------------------------------------------------------


def has_rule(op: Op) -> bool:
    return op.gradient_fn is not None and op.gradient_fn is not NOT_DIFFERENTIABLE


def _inner(a: np.ndarray, b: np.ndarray) -> float:
    """The real inner product; TF's gradient of complex numbers is the one that goes with it."""
    return float(np.sum(np.conj(a) * b).real)


def _random(rng: np.random.RandomState, like: np.ndarray) -> np.ndarray:
    if like.dtype.kind == "c":
        return (rng.standard_normal(like.shape) + 1j * rng.standard_normal(like.shape)).astype(like.dtype)
    return rng.standard_normal(like.shape).astype(like.dtype)


def _step(arrays: Sequence[np.ndarray]) -> float:
    single = any(a.dtype in (np.float32, np.complex64) for a in arrays)
    return 1e-2 if single else 1e-5


def _tolerances(arrays: Sequence[np.ndarray], rtol: float) -> dict[str, float]:
    if any(a.dtype in (np.float32, np.complex64) for a in arrays):
        return {"rtol": max(rtol, 2e-2), "atol": 2e-3}
    return {"rtol": max(rtol, 1e-6), "atol": 2e-8 if rtol <= 1e-6 else rtol}


class _Function:
    """Weighted sum of some tensors of a graph as a number, by the values fed."""

    def __init__(self, session: Session, fetches: list[Tensor], fed: list[Tensor], weights: list[np.ndarray]) -> None:
        self.call = session.make_callable(fetches, fed)
        self.weights = weights

    def __call__(self, values: Sequence[np.ndarray]) -> float:
        results = self.call(*values)
        return sum(_inner(w, np.asarray(r)) for w, r in zip(self.weights, results, strict=True))

    def slope(self, values: list[np.ndarray], i: int, along: np.ndarray, h: float) -> float:
        up, down = list(values), list(values)
        up[i], down[i] = values[i] + h * along, values[i] - h * along
        return (self(up) - self(down)) / (2 * h)


def _compare(
    label: str, f: _Function, values: list[np.ndarray], where: list[int], found: list[np.ndarray | None], rtol: float
) -> None:
    rng = np.random.RandomState(3)
    for i, grad in zip(where, found, strict=True):
        along = _random(rng, values[i])
        if grad is not None:
            assert grad.shape == values[i].shape, f"{label}: gradient {i} has shape {grad.shape}, not {values[i].shape}"
        if not values[i].size:
            continue
        want = f.slope(values, i, along, _step(values))
        got = 0.0 if grad is None else _inner(grad, along)
        close = _tolerances(values, rtol)
        np.testing.assert_allclose(got, want, err_msg=f"{label}: derivative by fed input {i}", **close)


def _differentiable(outputs: Sequence[Tensor]) -> list[Tensor]:
    return [t for t in outputs if t.dtype.is_floating or t.dtype.is_complex]


def _dense(grad: Any) -> Tensor | None:
    if grad is None or isinstance(grad, Tensor):
        return grad
    return conversion.to_tensor(grad)  # type: ignore[no-any-return]


def check_gradient(op: Op, sample: Sample, second: bool = False) -> bool:
    """The rule agrees with central differences along random directions; `second` checks the rule's own derivative.

    False: there is nothing to check (no smooth input or output).
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Converting sparse IndexedSlices")
        try:
            return _check_gradient(op, sample, second, single=False)
        except TypeError as cause:
            # The op takes float64, but an op of its gradient does not (max pooling in three dimensions).
            if "DataType float64 not in list of allowed values" not in str(cause):
                raise
        return _check_gradient(op, sample, second, single=True)


def _check_gradient(op: Op, sample: Sample, second: bool, single: bool) -> bool:
    built = build(op, sample, single=single)
    where = built.variables()
    ys = _differentiable(built.outputs if sample.outputs is None else [built.outputs[i] for i in sample.outputs])
    if not where or not ys:
        return False
    rng = np.random.RandomState(11)
    dy_values = [_random(rng, v) for v in run(built, ys)]
    xs = [built.fed[i] for i in where]
    with built.graph.as_default():
        dys = [constants.placeholder(v.dtype, v.shape) for v in dy_values]
        grads = [_dense(g) for g in gradients(ys, xs, dys)]
    fed = [*built.fed, *dys]
    values = [*built.values, *dy_values]
    present = [g for g in grads if g is not None]
    with Session(graph=built.graph) as session:
        if not second:
            found = iter(session.run(present, dict(zip(fed, values, strict=True))) if present else [])
            arrays = [None if g is None else np.asarray(next(found)) for g in grads]
            f = _Function(session, ys, built.fed, dy_values)
            _compare(op.type, f, built.values, where, arrays, sample.rtol)
            return True
        if not present:
            return False
        first = session.run(present, dict(zip(fed, values, strict=True)))
        weights = [_random(rng, np.asarray(g)) for g in first]
        again = [*where, *range(len(built.fed), len(fed))]
        with built.graph.as_default():
            us = [constants.constant_of_array(w, g.dtype.base_dtype) for w, g in zip(weights, present, strict=True)]
            seconds = [_dense(g) for g in gradients(present, [fed[i] for i in again], us)]
        some = [g for g in seconds if g is not None]
        results = iter(session.run(some, dict(zip(fed, values, strict=True))) if some else [])
        arrays = [None if g is None else np.asarray(next(results)) for g in seconds]
        f = _Function(session, present, fed, weights)
        _compare(f"{op.type} (second order)", f, values, again, arrays, max(sample.rtol, 1e-5))
    return True
