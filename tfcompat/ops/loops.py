"""While: an op whose attrs are the sub-graphs of a condition and a body. `while_loop` builds it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.body_graph import BodyGraph, insert_before, uncounted
from tfcompat.framework.build import create_node
from tfcompat.framework.constant_value import folded
from tfcompat.framework.op import KernelContext, Shape, ShapeContext, get_op, op
from tfcompat.framework.operation import Operation
from tfcompat.framework.tensor import Tensor, dims_of
from tfcompat.ops import branches, constants

Compiled = Callable[[list[Any]], list[Any]]


def _loop_shapes(c: ShapeContext) -> list[Shape]:
    body = c.attrs["body"]
    if not hasattr(body, "inputs"):
        given = c.attrs.get("output_shapes") or []
        return [dims_of(s) for s in given] if given else [None] * len(c.shapes)
    positions = c.attrs.get("_kept", range(len(body.inputs)))
    shapes = []
    for at, i in enumerate(positions):
        before, after = body.inputs[i], body.outputs[i]
        if before._handle is not None:
            c.out_handles[at] = before._handle
        # The parameters of the body have the loop's shape invariants; what is passed on unchanged keeps its own shape.
        shapes.append(c.shapes[at] if after is before else before._dims)
    return shapes


while_op = op("While")(_loop_shapes)
stateless_while_op = op("StatelessWhile")(_loop_shapes)


@while_op.builder
@stateless_while_op.builder
def _while_kernel(c: KernelContext) -> Any:
    return _Loop(c).run


class _Loop:
    """The kernel of one While node: what changes comes first, what stays the same after it."""

    def __init__(self, c: KernelContext) -> None:
        cond, body = c.attrs["cond"], c.attrs["body"]
        # The program may have dropped loop variables that nobody looks at.
        kept = c.attrs.get("_kept", range(len(body.inputs)))
        inputs, outputs = [body.inputs[i] for i in kept], [body.outputs[i] for i in kept]
        tests = [cond.inputs[i] for i in kept]
        self.counters = _counters(cond.outputs[0], tests, inputs, outputs)
        # Variables that only count rounds are not computed in each of them.
        self.counting = [
            i
            for i, (before, after, tested) in enumerate(zip(inputs, outputs, tests, strict=True))
            if _only_counts(before, after, outputs) and (self.counters is not None or not tested._consumers)
        ]
        rest = [i for i in range(len(inputs)) if outputs[i] is inputs[i] or i in self.counting]
        changing = [i for i in range(len(inputs)) if i not in rest]
        self.order = changing + rest
        self.changing = len(changing)
        # A loop passes variables through as they are, but its outputs are values.
        self.references = [i for i in rest if inputs[i]._dtype._is_ref_dtype]
        self.test: Compiled = c.session.compile_function(cond, [tests[i] for i in self.order])
        self.step: Compiled = c.session.compile_function(
            body, [inputs[i] for i in self.order], [outputs[i] for i in changing]
        )

    def run(self, inputs: list[Any]) -> list[Any]:
        values = [inputs[i] for i in self.order]
        n, step = self.changing, self.step
        if self.counters is not None:
            trips = min(k.trips(inputs) for k in self.counters)
            for _ in range(trips):
                values[:n] = step(values)
        else:
            trips = 0
            test = self.test
            while test(values)[0]:
                values[:n] = step(values)
                trips += 1
        out = list(inputs)
        for i, value in zip(self.order[:n], values, strict=False):
            out[i] = value
        if trips:
            for i in self.counting:
                out[i] = inputs[i] + trips
        for i in self.references:
            out[i] = out[i].tensor
        return out


def _only_counts(before: Tensor, after: Tensor, outputs: list[Tensor]) -> bool:
    """Whether a loop variable goes up by one in each round, and the body uses it for nothing else."""
    return (
        _adds_one(after, before)
        and len(before._consumers) == 1
        and not after._consumers
        and _uses(outputs, after) == 1
        and _uses(outputs, before) == 0
    )


class _Counter:
    """A loop variable that goes up by one until it reaches a bound that is known when the loop starts."""

    def __init__(self, position: int, bound: int | None, bound_at: int | None) -> None:
        self.position = position
        self.bound = bound
        self.bound_at = bound_at

    def trips(self, inputs: list[Any]) -> int:
        bound = self.bound if self.bound_at is None else int(inputs[self.bound_at])
        return max(0, bound - int(inputs[self.position]))  # type: ignore[operator]


def _counters(
    test: Tensor, parameters: list[Tensor], inputs: list[Tensor], outputs: list[Tensor]
) -> list[_Counter] | None:
    """The counters of a loop whose condition is nothing but `i < n` (or several of them joined by and), else None."""
    place = {t: i for i, t in enumerate(parameters)}
    found = []
    stack = [_through_identity(test)]
    while stack:
        node = stack.pop()._op
        if node._type == "LogicalAnd" and not node._control_inputs:
            stack.extend(_through_identity(t) for t in node._inputs)
            continue
        made = _counter(node, place, inputs, outputs) if node._type == "Less" else None
        if made is None:
            return None
        found.append(made)
    return found


def _counter(
    less: Operation, place: dict[Tensor, int], inputs: list[Tensor], outputs: list[Tensor]
) -> _Counter | None:
    low, high = (_through_identity(t) for t in less._inputs)
    at = place.get(low)
    if at is None or low._dtype not in (dtypes.int32, dtypes.int64) or low._dims != () or high._dims != ():
        return None
    if not _adds_one(outputs[at], inputs[at]):
        return None
    if less._control_inputs or low._op._control_inputs:
        return None
    known = _known(high)
    if known is not None:
        return _Counter(at, int(known), None)
    bound_at = place.get(high)
    if bound_at is None or high._dtype._is_ref_dtype or outputs[bound_at] is not inputs[bound_at]:
        return None
    return _Counter(at, None, bound_at)


def _through_identity(t: Tensor) -> Tensor:
    while t._op._type == "Identity" and not t._op._control_inputs:
        t = t._op._inputs[0]
    return t


def _adds_one(after: Tensor, before: Tensor) -> bool:
    node = after._op
    if node._type not in ("Add", "AddV2") or node._control_inputs or after._dims != ():
        return False
    if after._dtype not in (dtypes.int32, dtypes.int64):
        return False
    a, b = node._inputs
    if b is before:
        a, b = b, a
    one = _known(b) if a is before else None
    return one is not None and one.shape == () and int(one) == 1


def _known(t: Tensor) -> Any:
    """The value of a constant that nothing has to run before."""
    return None if t._op._control_inputs else folded(t)


def _uses(outputs: list[Tensor], t: Tensor) -> int:
    return sum(1 for o in outputs if o is t)


# --- building and growing --------------------------------------------------------------------------------------


def make_while(inputs: list[Tensor], cond: BodyGraph, body: BodyGraph, name: str, parallel: int = 10) -> Operation:
    """The While node over traced sub-graphs with the same inputs in the same order. It is not counted."""
    graph = stacks.get_default_graph()
    stateful = branches.is_stateful(body) or branches.is_stateful(cond)
    attrs = {
        "T": [t._dtype.base_dtype for t in inputs],
        "cond": cond,
        "body": body,
        "output_shapes": [t.shape for t in body.inputs],
        "parallel_iterations": parallel,
    }
    controls = list(dict.fromkeys([*cond.outer_controls(), *body.outer_controls()]))
    with uncounted(graph), graph.control_dependencies(controls):
        return create_node(graph, while_op if stateful else stateless_while_op, list(inputs), attrs, name, None)


def align_captures(cond: BodyGraph, body: BodyGraph) -> list[Tensor]:
    """Gives both sub-graphs one input for each tensor that either uses, passed on unchanged; returns those tensors."""
    outer = list(dict.fromkeys([*cond.external_captures, *body.external_captures]))
    for graph in (cond, body):
        have = dict(graph.captures)
        own = [t for t in graph.inputs if graph.captured_tensor(t) is None]
        graph.inputs = own + [have[t] if t in have else graph.add_unused_parameter(t) for t in outer]
    n = len(body.inputs) - len(outer)
    body.outputs = body.outputs[:n] + body.inputs[n:]
    return outer


def append_loop_variable(
    node: Operation, make_initial: Callable[[], Tensor], grow: Callable[[Tensor], Tensor]
) -> Tensor:
    """Adds a loop variable to a While node: its first value, and its next one as a function of the parameter.

    Returns the node's new output. Plans made before go on without it.
    """
    graph = node._graph
    cond, body = node._attrs["cond"], node._attrs["body"]
    with graph.as_default(), insert_before(node), graph.control_dependencies(None), graph.name_scope(None):
        initial = make_initial()
    before = body.add_unused_parameter(initial)
    cond_parameter = cond.add_unused_parameter(initial)
    with body.as_default(), uncounted(body), body.control_dependencies(None):
        after = grow(before)
    body.inputs.append(before)
    cond.inputs.append(cond_parameter)
    body.outputs.append(after)
    dtype = initial._dtype.base_dtype
    node._attrs["T"] = [*node._attrs["T"], dtype]
    node._attrs["output_shapes"] = [*node._attrs["output_shapes"], initial.shape]
    node._inputs.append(initial)
    initial._consumers.append(node)
    made = Tensor(node, len(node._outputs), dtype)
    made._dims = initial._dims
    made._handle = initial._handle
    node._outputs.append(made)
    graph._note_edit()
    return made


def trip_count(node: Operation) -> Tensor:
    """How often the body of a While ran, as a scalar int32 output of it."""
    found: Tensor | None = node.__dict__.get("_trip_count")
    if found is None:
        add = get_op("AddV2")
        found = node.__dict__["_trip_count"] = append_loop_variable(
            node, lambda: constants.constant(0, dtypes.int32), lambda i: add(i, constants.constant(1, dtypes.int32))
        )
    return found
