"""cond: parts of the graph that run only where a condition holds.

A branch is traced into a BodyGraph; an If node runs one of two. Nodes are named and counted as TensorFlow 1.15 does
with its Switch and Merge nodes.

Source: TF 1.15, python/ops/control_flow_ops.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import conversion, dtypes, nest, stacks
from tfcompat.framework.body_graph import BodyGraph, count_nodes
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text as shape_text
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import branches, casting
from tfcompat.ops.control import with_dependencies
from tfcompat.ops.identity import identity


def flow_of(value: Any) -> Any:
    """A TensorArray's flow; anything else itself."""
    return value.flow if getattr(value, "_is_tensor_array", False) else value


def with_flows(structure: Sequence[Any], flat: Sequence[Any]) -> list[Any]:
    """Puts TensorArrays back where `structure` has them, each with its new flow."""
    return [
        s.with_flow(t) if getattr(s, "_is_tensor_array", False) else t for s, t in zip(structure, flat, strict=True)
    ]


@export("cond")
def cond(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    strict: bool = False,
    name: str | None = None,
    fn1: Callable[[], Any] | None = None,
    fn2: Callable[[], Any] | None = None,
) -> Any:
    """`true_fn()` if the scalar `pred` is true in the run, else `false_fn()`; only the nodes of one of them run.

    Both must return the same structure with the same dtypes. One-element lists are unpacked unless `strict`.
    Raises: TypeError for a Python bool, missing functions or differing structures; ValueError for differing dtypes or
    a function that returns None.
    """
    if fn1 is not None:
        if true_fn is not None:
            raise TypeError("cond(): true_fn and fn1 may not be set simultaneously.")
        true_fn = fn1
    elif true_fn is None:
        raise TypeError("cond(): true_fn argument required")
    if fn2 is not None:
        if false_fn is not None:
            raise TypeError("cond(): false_fn and fn2 may not be set simultaneously.")
        false_fn = fn2
    elif false_fn is None:
        raise TypeError("cond(): false_fn argument required")
    if not callable(true_fn):
        raise TypeError("true_fn must be callable.")
    if not callable(false_fn):
        raise TypeError("false_fn must be callable.")
    with name_scope(name, "cond", [pred]) as scope:
        if isinstance(pred, bool):
            raise TypeError("pred must not be a Python bool")
        pred = _condition(pred)
        then_branch, then_result = _trace_branch(scope + "true", true_fn, pred, "true_fn")
        else_branch, else_result = _trace_branch(scope + "false", false_fn, pred, "false_fn")
        if not strict:
            then_result, else_result = single(then_result), single(else_result)
        _same_structure(then_result, else_result, then_branch, else_branch)
        if not then_branch.outputs:
            raise ValueError("true_fn and false_fn must return at least one result.")
        for x, y in zip(then_branch.outputs, else_branch.outputs, strict=True):
            if x._dtype.base_dtype != y._dtype.base_dtype:
                raise ValueError(
                    f"Outputs of true_fn and false_fn must have the same type: {x.dtype.name}, {y.dtype.name}"
                )
        node = branches.make_if(pred, then_branch, else_branch, "If")
        merges: Any = [identity(t, name="Merge") for t in node._outputs]
        merges = with_flows(nest.flatten(then_result, expand_composites=True), merges)
        result = nest.pack_sequence_as(then_result, merges, expand_composites=True)
        return result if strict else single(result)


@export(v2=("cond",))
def cond_v2(
    pred: Any,
    true_fn: Callable[[], Any] | None = None,
    false_fn: Callable[[], Any] | None = None,
    name: str | None = None,
) -> Any:
    """TF 2's form of `cond`: the structure that the functions return is kept."""
    return cond(pred, true_fn=true_fn, false_fn=false_fn, strict=True, name=name)


def _condition(pred: Any) -> Tensor:
    """The condition as a tensor; counts and names what TensorFlow adds for it (Switch, two pivots, pred_id)."""
    graph = stacks.get_default_graph()
    switch = graph.unique_name("Switch")
    if not conversion.is_dense_tensor_like(pred):
        # TensorFlow converts a numpy value three times: twice for Switch, once for pred_id.
        pred = conversion.to_tensor(pred, name=f"{switch}/pred/")
        count_nodes(graph, 2)
    pred = conversion.to_tensor(pred)
    dtype = pred._dtype.base_dtype
    if dtype is not dtypes.bool:
        raise TypeError(f"Input 'pred' of 'Switch' Op has type {dtype.name} that does not match expected type of bool.")
    dims = pred._dims
    if dims is not None and len(dims) != 0:
        raise ValueError(
            f"Shape must be rank 0 but is rank {len(dims)} for '{switch}' (op: 'Switch') with input shapes: "
            f"{shape_text(dims)}, {shape_text(dims)}."
        )
    if graph.building_function:
        pred = graph._capture(pred)  # type: ignore[attr-defined]
    for taken in ("switch_t", "switch_f", "pred_id"):
        graph.unique_name(taken)
    count_nodes(graph, 4)
    return pred


def _trace_branch(name: str, fn: Callable[[], Any], pred: Tensor, label: str) -> tuple[BodyGraph, Any]:
    """Runs `fn` in a new branch graph. Returns the graph, with its outputs, and what fn returned."""
    branch = BodyGraph(name.rstrip("/"))
    with branch.as_default():
        result = fn()
        if result is None:
            raise ValueError(f"{label} must have a return value.")
        made = nest.map_structure(lambda v: _branch_output(branch, v, pred), result, expand_composites=True)
        branch.outputs = nest.flatten(made, expand_composites=True)
    branch.structured_outputs = result
    return branch, result


def _branch_output(branch: BodyGraph, value: Any, pred: Tensor) -> Tensor:
    if isinstance(value, Operation):
        if value._graph is not branch:
            branch._as_control_input(value)
        # What stands for an operation is a boolean that is there once it has run.
        return with_dependencies([value], _pivot(branch, pred))  # type: ignore[no-any-return]
    return branch._capture(conversion.to_tensor(flow_of(value)))


def _pivot(branch: BodyGraph, pred: Tensor) -> Tensor:
    branch.captures_counted = False
    try:
        return branch._capture(pred)
    finally:
        branch.captures_counted = True


def single(result: Any) -> Any:
    return result[0] if isinstance(result, (list, tuple)) and len(result) == 1 else result


def _same_structure(then_result: Any, else_result: Any, then_branch: BodyGraph, else_branch: BodyGraph) -> None:
    """Raises TypeError or ValueError unless both branches returned the same structure."""
    nest.assert_same_structure(then_result, else_result)
    _widen_indices(then_result, else_result, then_branch, else_branch)
    try:
        nest.assert_same_structure(then_result, else_result, expand_composites=True)
    except TypeError as cause:
        raise TypeError(f"Incompatible return types of true_fn and false_fn: {cause}") from None
    except ValueError as cause:
        raise ValueError(f"Incompatible return values of true_fn and false_fn: {cause}") from None


def _widen_indices(a: Any, b: Any, then_branch: BodyGraph, else_branch: BodyGraph) -> None:
    """Slices with int32 indices in one branch and int64 in the other: both become int64."""

    def widen(x: Any, y: Any) -> None:
        if isinstance(x, IndexedSlices) and isinstance(y, IndexedSlices) and x.indices.dtype != y.indices.dtype:
            for value, branch in ((x, then_branch), (y, else_branch)):
                at = branch.outputs.index(branch._capture(value.indices))
                with branch.as_default():
                    value._indices = casting.cast(value.indices, dtypes.int64)
                branch.outputs[at] = value._indices

    if any(isinstance(x, IndexedSlices) for x in nest.flatten(a)):
        nest.map_structure(widen, a, b)
