"""The ops that apply a gradient to a variable: Apply*, SparseApply* and their Resource* twins.

One declaration of an algorithm makes all its op types; the rule itself is in training_rules.py.
Source: TF 1.15, core/ops/training_ops.cc, core/kernels/training_ops.cc.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from tfcompat.framework import dtypes, op_defs
from tfcompat.framework.errors import InternalError, InvalidArgumentError
from tfcompat.framework.op import KernelContext, Op, Shape, ShapeContext, ShapeError, op
from tfcompat.framework.shape_rules import merge, merge_dim, with_rank
from tfcompat.ops import training_rules as rules
from tfcompat.ops.scatter import dims_text, occurrence
from tfcompat.ops.state import no_value

_FLOATS = frozenset({dtypes.float16, dtypes.bfloat16, dtypes.float32, dtypes.float64})
_GRADIENTS = ("grad", "delta")

# What TensorFlow demands of a scalar beyond its rank, by algorithm: input -> (what it should be, test).
Demands = dict[str, tuple[str, Callable[[float], bool]]]
_POSITIVE_RATE: Demands = {
    "lr": ("lr is not a positive scalar", lambda x: x > 0),
    "l1": ("l1 regularization strength is not a non-negative scalar", lambda x: x >= 0),
    "l2": ("l2 regularization strength is not a non-negative scalar", lambda x: x >= 0),
}
_FTRL: Demands = {
    **_POSITIVE_RATE,
    "l2_shrinkage": ("l2 shrinkage regularization strength is not a non-negative scalar", lambda x: x >= 0),
    "lr_power": ("lr_power is not a non-positive scalar", lambda x: x <= 0),
}


class _Layout:
    """Where an op's inputs are: the variable and its slots first, then gradient, indices and scalars in any order."""

    def __init__(self, op_type: str) -> None:
        definition = op_defs.op_def(op_type)
        self.names = [a.name for a in definition.inputs]
        states = [a for a in definition.inputs if a.is_ref or a.type is dtypes.resource]
        self.states = len(states)
        self.state_names = tuple(a.name for a in states)
        self.gradient = next(i for i, n in enumerate(self.names) if n in _GRADIENTS)
        self.indices = self.names.index("indices") if "indices" in self.names else None
        self.scalars = [i for i in range(self.states, len(self.names)) if i not in (self.gradient, self.indices)]
        self.has_output = bool(definition.outputs)


def _shape_rule(layout: _Layout) -> Callable[[ShapeContext], Any]:
    def rule(c: ShapeContext) -> Any:
        shape = _shape_of(c, 0)
        for i in range(1, layout.states):
            shape = merge(shape, _shape_of(c, i))
        for i in layout.scalars:
            with_rank(c.shape(i), 0)
        gradient = _shape_of(c, layout.gradient)
        if layout.indices is None:
            shape = merge(shape, gradient)
        else:
            (count,) = with_rank(c.shape(layout.indices), 1)
            if gradient is not None:
                if not gradient:
                    raise ShapeError("Shape must be at least rank 1 but is rank 0")
                merge_dim(count, gradient[0])
                shape = merge(shape, (None, *gradient[1:]))
        return shape if layout.has_output else []

    return rule


def _shape_of(c: ShapeContext, i: int) -> Shape:
    handle = c.handles[i]
    return c.shape(i) if handle is None else handle.shape


def _declare(rule: Callable[..., None], op_type: str, demands: Demands) -> Op:
    """The op type that applies `rule`, dense or (with an input `indices`) to rows."""
    layout = _Layout(op_type)
    numbers = [layout.names[i] for i in layout.scalars]
    made = op(op_type, writes=layout.state_names, numbers=numbers)(_shape_rule(layout))
    settings = [a for a in ("use_nesterov", "update_slots") if a in made.definition.attrs]

    @made.builder
    def _build(c: KernelContext) -> Callable[..., Any]:
        if c.attrs["T"] not in _FLOATS:
            raise InvalidArgumentError(
                None,
                c.node,
                f"No OpKernel was registered to support Op '{op_type}' used by {{{{node {c.node.name}}}}} with T="
                f"{c.attrs['T'].name}; it takes float16, bfloat16, float32 and float64",
            )
        update = functools.partial(rule, **{a: c.attrs[a] for a in settings}) if settings else rule
        wait = c.device.type == "cpu"
        if layout.indices is None:
            kernel = _dense_kernel(update, layout, demands, wait)
        else:
            kernel = _sparse_kernel(update, layout, demands, wait, _known_unique(c.node._inputs[layout.indices]))
        return _locked(kernel, c.session.lock) if c.attrs["use_locking"] else kernel

    return made


def _known_unique(indices: Any) -> bool:
    """Whether the indices come from Unique, as an optimizer's do: then no row occurs twice."""
    return bool(indices._op._type in ("Unique", "UniqueV2") and indices._index == 0)


def _locked(kernel: Callable[..., Any], lock: Any) -> Callable[..., Any]:
    def run(*args: Any) -> Any:
        with lock:
            return kernel(*args)

    return run


# --- arguments -------------------------------------------------------------------------------------------------


def _take_states(layout: _Layout, args: list[Any]) -> None:
    """Replaces the cells by their tensors, which must all exist and have one shape."""
    for i in range(layout.states):
        value = args[i].tensor
        if value is None:
            if args[i].is_resource:
                raise InternalError(None, None, "Invalid variable reference.")
            raise no_value(args[i])
        args[i] = value
        if i and value.shape != args[0].shape:
            raise _shapes_differ(layout.names[i], args[0], value)


def _shapes_differ(name: str, var: torch.Tensor, other: torch.Tensor) -> InvalidArgumentError:
    if name.startswith("gradient_"):
        name = "accum"
    return InvalidArgumentError(
        None, None, f"var and {name} do not have the same shape{dims_text(var.shape)} {dims_text(other.shape)}"
    )


def _take_scalars(layout: _Layout, demands: Demands, args: list[Any], wait: bool) -> None:
    """Replaces scalars by Python numbers where that costs no waiting, and checks those."""
    for i in layout.scalars:
        value = args[i]
        if isinstance(value, torch.Tensor):
            if value.dim():
                raise InvalidArgumentError(None, None, f"{layout.names[i]} is not a scalar: {dims_text(value.shape)}")
            if not wait:
                continue
            value = args[i] = value.item()
        demand = demands.get(layout.names[i])
        if demand is not None and not demand[1](value):
            raise InvalidArgumentError(None, None, f"{demand[0]}: []")


def _dense_kernel(update: Callable[..., None], layout: _Layout, demands: Demands, wait: bool) -> Callable[..., Any]:
    gradient = layout.gradient

    def apply(*given: Any) -> Any:
        args = list(given)
        _take_states(layout, args)
        if args[gradient].shape != args[0].shape:
            raise _shapes_differ(layout.names[gradient], args[0], args[gradient])
        _take_scalars(layout, demands, args, wait)
        update(*args)
        return given[0] if layout.has_output else None

    return apply


# --- rows ------------------------------------------------------------------------------------------------------


def _check_rows(var: torch.Tensor, grad: torch.Tensor, indices: torch.Tensor) -> None:
    if var.dim() == 0:
        raise InvalidArgumentError(None, None, "var must be at least 1 dimensional")
    if indices.dim() != 1:
        raise InvalidArgumentError(None, None, "indices must be one-dimensional")
    if grad.dim() != var.dim() or grad.shape[1:] != var.shape[1:]:
        at = next((d for d in range(1, var.dim()) if grad.shape[d : d + 1] != var.shape[d : d + 1]), var.dim())
        raise InvalidArgumentError(None, None, f"var and grad must match in dimension {at}")
    if grad.shape[0] != indices.shape[0]:
        raise InvalidArgumentError(None, None, "grad must be the same size as indices in the first dimension.")
    if indices.device.type != "cpu":
        return  # a look at the values would wait for the accelerator; torch refuses wrong ones there
    bad = (indices < 0) | (indices >= var.shape[0])
    if bad.any():
        at = int(bad.nonzero()[0])
        raise InvalidArgumentError(None, None, f"Index {int(indices[at])} at offset {at} in indices is out of range")


def _rounds(rows: torch.Tensor) -> Iterator[torch.Tensor]:
    """Positions in `rows` such that no row occurs twice: the first occurrences, then the second ones, and so on."""
    turn = occurrence(rows)
    for k in range(int(turn.max()) + 1):
        yield (turn == k).nonzero().view(-1)


@contextmanager
def _rows_of(states: Sequence[torch.Tensor], rows: torch.Tensor) -> Iterator[list[torch.Tensor]]:
    """The rows of each state as tensors to change; written back at the end of the block."""
    taken = [s.index_select(0, rows) for s in states]
    yield taken
    for state, changed in zip(states, taken, strict=True):
        state.index_copy_(0, rows, changed)


def _sparse_kernel(
    update: Callable[..., None], layout: _Layout, demands: Demands, wait: bool, unique: bool
) -> Callable[..., Any]:
    assert layout.indices is not None
    n, gradient, indices = layout.states, layout.gradient, layout.indices

    def apply(*given: Any) -> Any:
        args = list(given)
        _take_states(layout, args)
        _check_rows(args[0], args[gradient], args[indices])
        _take_scalars(layout, demands, args, wait)
        rows = args[indices].long()
        if rows.numel():
            states = args[:n]
            grad = args[gradient]
            rest = args[n:]
            del rest[indices - n]
            at = gradient - n - (indices < gradient)
            if unique or len(torch.unique(rows)) == len(rows):
                with _rows_of(states, rows) as taken:
                    update(*taken, *rest)
            else:
                # A row that is named twice takes its gradients one after the other.
                for chosen in _rounds(rows):
                    rest[at] = grad.index_select(0, chosen)
                    with _rows_of(states, rows.index_select(0, chosen)) as taken:
                        update(*taken, *rest)
        return given[0] if layout.has_output else None

    return apply


# --- declarations ----------------------------------------------------------------------------------------------


def _family(name: str, rule: Callable[..., None], demands: Demands | None = None) -> None:
    """Declares Apply<name>, SparseApply<name>, ResourceApply<name> and ResourceSparseApply<name>, as TF has them."""
    for prefix in ("Apply", "SparseApply", "ResourceApply", "ResourceSparseApply"):
        if op_defs.has_op_def(prefix + name):
            TRAINING_OPS[prefix + name] = _declare(rule, prefix + name, demands or {})


TRAINING_OPS: dict[str, Op] = {}

_family("GradientDescent", rules.gradient_descent)
_family("Momentum", rules.momentum)
_family("KerasMomentum", rules.keras_momentum)
_family("Adam", rules.adam)
_family("AdamWithAmsgrad", rules.adam_with_amsgrad)
_family("AdaMax", rules.ada_max)
_family("Adagrad", rules.adagrad)
_family("AdagradV2", rules.adagrad_v2)
_family("AdagradDA", rules.adagrad_da)
_family("Adadelta", rules.adadelta)
_family("RMSProp", rules.rms_prop)
_family("CenteredRMSProp", rules.centered_rms_prop)
_family("Ftrl", rules.ftrl, _FTRL)
_family("FtrlV2", rules.ftrl_v2, _FTRL)
_family("ProximalGradientDescent", rules.proximal_gradient_descent)
_family("ProximalAdagrad", rules.proximal_adagrad, _POSITIVE_RATE)
_family("AddSign", rules.add_sign)
_family("PowerSign", rules.power_sign)
