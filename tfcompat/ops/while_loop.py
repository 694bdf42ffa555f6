"""while_loop: a part of the graph that runs again and again.

Condition and body are traced into sub-graphs of a While node. Nodes are named and counted as TensorFlow 1.15 does with
its Enter, Merge, Switch, NextIteration and Exit nodes.

Source: TF 1.15, python/ops/control_flow_ops.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes, nest, stacks
from tfcompat.framework.body_graph import BodyGraph, count_nodes, uncounted
from tfcompat.framework.export import export
from tfcompat.framework.indexed_slices import IndexedSlices
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shape_rules import text as shape_text
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import comparison, constants, loops
from tfcompat.ops.control_flow import flow_of, with_flows
from tfcompat.ops.identity import identity, identity_op


@export("while_loop")
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    name: str | None = None,
    maximum_iterations: Any = None,
    return_same_structure: bool = False,
) -> Any:
    """Runs `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds; returns the last loop_vars.

    loop_vars: a list or tuple of tensors, TensorArrays or structures of them; body keeps structure, dtypes and shapes.
    shape_invariants: the shapes that loop variables keep where they change, in the structure of loop_vars.
    A single loop variable is returned by itself unless return_same_structure.
    Raises: TypeError and ValueError for arguments that do not fit, structures or shapes that change.
    """
    if not callable(cond):
        raise TypeError("cond must be callable.")
    if not callable(body):
        raise TypeError("body must be callable.")
    if parallel_iterations < 1:
        raise TypeError("parallel_iterations must be a positive integer.")
    with name_scope(name, "while", loop_vars if isinstance(loop_vars, (list, tuple)) else None) as scope:
        if not loop_vars:
            raise ValueError("No loop variables provided")
        limited = maximum_iterations is not None
        if limited:
            single = len(loop_vars) == 1 and not return_same_structure
            cond, body, loop_vars = _with_limit(cond, body, loop_vars, maximum_iterations, single)
        if shape_invariants is not None:
            if limited:
                shape_invariants = (TensorShape([]), shape_invariants)
            nest.assert_same_structure(loop_vars, shape_invariants, expand_composites=False)
        result = _Tracer(scope, loop_vars, shape_invariants, parallel_iterations, back_prop).build(
            cond, body, return_same_structure
        )
        return result[1] if limited else result


@export(v2=("while_loop",))
def while_loop_v2(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    shape_invariants: Any = None,
    parallel_iterations: int = 10,
    back_prop: bool = True,
    swap_memory: bool = False,
    maximum_iterations: Any = None,
    name: str | None = None,
) -> Any:
    """TF 2's form of `while_loop`: the structure of loop_vars is returned even for one variable."""
    return while_loop(
        cond,
        body,
        loop_vars,
        shape_invariants,
        parallel_iterations,
        back_prop,
        swap_memory,
        name,
        maximum_iterations,
        return_same_structure=True,
    )


def _with_limit(cond: Any, body: Any, loop_vars: Any, limit: Any, single: bool) -> tuple[Any, Any, Any]:
    """The loop with a counter in front that ends it after `limit` rounds."""
    limit = conversion.to_tensor(limit, name="maximum_iterations")
    if limit.shape.ndims != 0:
        raise ValueError(f"maximum_iterations must be a scalar, saw shape: {limit.shape}")
    counter = constants.constant(0, dtype=limit.dtype, name="iteration_counter")
    if single:
        return (
            lambda i, v: comparison.logical_and(i < limit, cond(v)),
            lambda i, v: (i + 1, body(v)),
            (counter, loop_vars[0]),
        )
    return (
        lambda i, v: comparison.logical_and(i < limit, cond(*v)),
        lambda i, v: (i + 1, body(*v)),
        (counter, loop_vars),
    )


class _Tracer:
    """Builds one loop."""

    def __init__(self, scope: str, loop_vars: Any, shapes: Any, parallel: int, back_prop: bool) -> None:
        self.graph = stacks.get_default_graph()
        self.scope = scope
        self.parallel = parallel
        self.back_prop = back_prop
        self.loop_vars = loop_vars
        self.flat_vars = nest.flatten(loop_vars, expand_composites=True)
        converted = [
            v if nest.is_sequence_or_composite(v) else conversion.convert_to_tensor_or_indexed_slices(flow_of(v))
            for v in nest.flatten(loop_vars)
        ]
        self.initial: list[Tensor] = [self._value(t) for t in nest.flatten(converted, expand_composites=True)]
        self.dims = self._default_dims(converted) if shapes is None else self._invariants(shapes)

    def _value(self, t: Tensor) -> Tensor:
        """A variable's memory as a loop variable would change under the loop: its value enters instead."""
        if not t._dtype._is_ref_dtype:
            return t
        with uncounted(self.graph):
            return identity_op(t, name="ref_value")

    @staticmethod
    def _default_dims(variables: list[Any]) -> list[Any]:
        """The static shapes of the loop variables; a sparse tensor may change its number of elements."""
        dims: list[Any] = []
        for v in variables:
            if isinstance(v, Tensor):
                dims.append(v._dims)
            else:
                dims.extend(s._tuple for s in _shapes_of(v, None))
        return dims

    def _invariants(self, given: Any) -> list[Any]:
        """The static shapes that the caller says the loop variables keep."""
        flat: list[Any] = []
        for var, shape in zip(nest.flatten(self.loop_vars), nest.flatten_up_to(self.loop_vars, given), strict=True):
            flat.extend(_shapes_of(var, shape))
        for s in flat:
            if not isinstance(s, TensorShape):
                raise ValueError("`shapes` must be a (possibly nested) list of shapes.")
        for t, shape in zip(self.initial, flat, strict=True):
            if not _at_least_as_known(t.shape, shape):
                raise ValueError(
                    f"The shape invariant specified for {t.name} is not compatible with the initial shape of the loop "
                    f"variable. It enters the loop with shape {t.shape}, but the specified shape invariant is {shape}."
                )
        return [s._tuple for s in flat]

    def _parameters(self, graph: BodyGraph, names: list[str]) -> list[Tensor]:
        """One parameter of a sub-graph for each loop variable; they stand for nodes that are counted elsewhere."""
        made = []
        for t, dims, name in zip(self.initial, self.dims, names, strict=True):
            with uncounted(graph):
                p = graph.named_parameter(t._dtype.base_dtype, TensorShape._from_tuple(dims), name)
            p._handle = t._handle
            graph.initial_of[p] = t
            made.append(p)
        return made

    def _names(self, base: str) -> list[str]:
        return [self.graph.unique_name(base) for _ in self.initial]

    def _packed(self, params: list[Tensor]) -> Any:
        return nest.pack_sequence_as(self.loop_vars, with_flows(self.flat_vars, params), expand_composites=True)

    def build(self, cond: Any, body: Any, same_structure: bool) -> Any:
        n = len(self.initial)
        self._names("Enter")
        merge_names = self._names("Merge")
        count_nodes(self.graph, 2 * n)
        cond_graph = self._trace_condition(cond, merge_names)
        self.graph.unique_name("LoopCond")
        self._names("Switch")
        body_names = self._names("Identity")
        count_nodes(self.graph, 1 + 2 * n)
        body_graph = BodyGraph(self.scope + "body")
        body_graph.is_loop = True
        body_graph.counted_by = cond_graph
        structure = self._trace_body(body_graph, body, body_names)
        self._names("NextIteration")
        count_nodes(self.graph, n)
        captured = loops.align_captures(cond_graph, body_graph)
        node = loops.make_while([*self.initial, *captured], cond_graph, body_graph, "While", self.parallel)
        if not self.back_prop:
            node.__dict__["_no_gradient"] = True
        exits = [identity(t, name="Exit") for t in node._outputs[:n]]
        for t, dims in zip(exits, self.dims, strict=True):
            t._dims = dims
        flat = with_flows(nest.flatten(structure, expand_composites=True), exits)
        packed = nest.pack_sequence_as(structure, flat, expand_composites=True)
        return packed if same_structure or n != 1 else packed[0]

    def _trace_condition(self, cond: Any, names: list[str]) -> BodyGraph:
        graph = BodyGraph(self.scope + "cond")
        graph.is_loop = True
        with graph.as_default():
            params = self._parameters(graph, names)
            result = conversion.to_tensor(cond(*self._packed(params)))
            graph.outputs = [graph._capture(result)]
        dtype = result._dtype.base_dtype
        if dtype is not dtypes.bool:
            raise TypeError(
                f"Input 'input' of 'LoopCond' Op has type {dtype.name} that does not match expected type of bool."
            )
        if result._dims not in ((), None):
            name = self.graph.unique_name("LoopCond", mark_as_used=False)
            raise ValueError(
                f"Shape must be rank 0 but is rank {len(result._dims)} for '{name}' (op: 'LoopCond') with input "
                f"shapes: {shape_text(result._dims)}."
            )
        return graph

    def _trace_body(self, graph: BodyGraph, body: Any, names: list[str]) -> Any:
        with graph.as_default():
            params = self._parameters(graph, names)
            packed = self._packed(params)
            result = body(*packed)
            if not nest.is_sequence_or_composite(result):
                result = [result]
            nest.assert_same_structure(list(packed), list(result), expand_composites=True)
            flat = [flow_of(v) for v in nest.flatten(result, expand_composites=True)]
            if len(flat) != len(params):
                raise ValueError(
                    f"Number of inputs and outputs of body must match loop_vars: {len(params)}, {len(flat)}"
                )
            graph.outputs = [self._output(graph, i, v) for i, v in enumerate(flat)]
        return result

    def _output(self, graph: BodyGraph, i: int, value: Any) -> Tensor:
        t = graph._capture(conversion.to_tensor(value))
        before = self.initial[i]
        if t._dtype.base_dtype != before._dtype.base_dtype:
            name = graph.unique_name("Merge", mark_as_used=False)
            raise TypeError(
                f"Input tensor '{before.name}' enters the loop with type {before.dtype.base_dtype.name}, but has type "
                f"{t.dtype.base_dtype.name} after one iteration (loop {name})."
            )
        if not _at_least_as_known(t.shape, TensorShape._from_tuple(self.dims[i])):
            raise ValueError(
                f"Input tensor '{before.name}' enters the loop with shape {before.shape}, but has shape {t.shape} after "
                "one iteration. To allow the shape to vary across iterations, use the `shape_invariants` argument of "
                "tf.while_loop to specify a less-specific shape."
            )
        if t in graph.inputs and t is not graph.inputs[i]:
            # What the body passes on from one loop variable to another is no loop invariant.
            with uncounted(graph):
                t = identity_op(t, name="passed_on")
        return t


def _shapes_of(var: Any, shape: Any) -> list[Any]:
    """The shape invariants of the tensors that a loop variable is made of; `shape` is what the caller says of it.

    For a sparse tensor that is the shape of its dense_shape, [rank]; for IndexedSlices, the shape of its values.
    Raises: TypeError when a spec does not describe the variable.
    """
    spec = None if shape is None or isinstance(shape, TensorShape) else shape
    if spec is not None and hasattr(spec, "shape"):
        kind = getattr(spec, "value_type", Tensor)
        if not isinstance(var, kind if isinstance(kind, type) else Tensor) and not (
            kind is Tensor and not nest.is_sequence_or_composite(var)
        ):
            raise TypeError(f"TypeSpec {spec!r} is not compatible with {var!r}")
        if getattr(var, "dtype", spec.dtype) != spec.dtype:
            raise TypeError(f"TensorSpec {spec!r} is not compatible with {var!r}")
    if isinstance(var, IndexedSlices):
        if shape is None:
            return [t.shape for t in nest.flatten(var, expand_composites=True)]
        values = shape if spec is None else spec.shape
        parts = [values, TensorShape([values.dims[0] if values.dims else None]), TensorShape([values.ndims])]
        return parts[: len(nest.flatten(var, expand_composites=True))]
    if nest.is_sequence_or_composite(var):
        if shape is None:
            rank = var.shape.ndims
        elif spec is not None:
            rank = spec.shape.ndims
        else:
            rank = None if shape.dims is None else shape.with_rank(1).dims[0].value
        return [TensorShape([None, rank]), TensorShape([None]), TensorShape([rank])]
    if shape is None:
        return [flow_of(var).shape]
    return [shape if spec is None else getattr(spec, "shape", spec)]


def _at_least_as_known(shape: TensorShape, wanted: TensorShape) -> bool:
    if wanted.dims is None:
        return True
    if shape.ndims != wanted.ndims:
        return False
    return all(w.value is None or s.value == w.value for s, w in zip(shape.dims, wanted.dims, strict=True))
