"""case and switch_case: one of several functions runs.

Source: TF 1.15, python/ops/control_flow_ops.py.
"""

from __future__ import annotations

import collections
import functools
import warnings
from collections.abc import Callable, Sequence
from typing import Any

from tfcompat.framework import conversion, dtypes, nest, stacks
from tfcompat.framework.body_graph import BodyGraph
from tfcompat.framework.export import export
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import arrays, assertions, branches, casting, comparison, constants, reductions
from tfcompat.ops.control_flow import cond, flow_of, single, with_flows
from tfcompat.ops.identity import identity


@export("case")
def case(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """The result of the first function whose predicate is true, else of `default`: nested conds.

    pred_fn_pairs: pairs (scalar bool tensor, function), or a dict of them. With `exclusive`, more than one true
    predicate fails the run; without a default, no true predicate does.
    Raises: TypeError for pairs that are none.
    """
    return case_helper(cond, pred_fn_pairs, default, exclusive, name, allow_python_preds=False, strict=strict)


@export(v2=("case",))
def case_v2(
    pred_fn_pairs: Any,
    default: Callable[[], Any] | None = None,
    exclusive: bool = False,
    strict: bool = False,
    name: str = "case",
) -> Any:
    """TF 2's form of `case`."""
    return case(pred_fn_pairs, default, exclusive, strict, name)


def case_helper(
    cond_fn: Callable[..., Any],
    pred_fn_pairs: Any,
    default: Any,
    exclusive: bool,
    name: str,
    allow_python_preds: bool = False,
    **cond_kwargs: Any,
) -> Any:
    """`case` over any function with the interface of `cond`."""
    predicates, actions = _checked_pairs(pred_fn_pairs, exclusive, name, allow_python_preds)
    with name_scope(name, "case", [predicates]):
        if default is None:
            default, predicates, actions = _default_action(predicates, actions)
        fn = default
        for predicate, action in reversed(list(zip(predicates, actions, strict=True))):
            fn = functools.partial(cond_fn, predicate, true_fn=action, false_fn=fn, **cond_kwargs)
        if not exclusive:
            return fn()
        check = _at_most_n_true(predicates, 1, "Input error: exclusive=True")
        with stacks.get_default_graph().control_dependencies([check]):
            return fn()


def _checked_pairs(
    pairs: Any, exclusive: bool, name: str, allow_python_preds: bool
) -> tuple[Sequence[Any], Sequence[Any]]:
    if not isinstance(pairs, (list, tuple, dict)):
        raise TypeError("fns must be a list, tuple, or dict")
    if isinstance(pairs, collections.OrderedDict):
        pairs = list(pairs.items())
    elif isinstance(pairs, dict):
        pairs = sorted(pairs.items(), key=lambda item: item[0].name)
        if not exclusive:
            warnings.warn(
                f"{name}: An unordered dictionary of predicate/fn pairs was provided, but exclusive=False. The order "
                "of conditional tests is deterministic but not guaranteed.",
                stacklevel=5,
            )
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Each entry in pred_fn_pairs must be a 2-tuple")
        pred, fn = pair
        if isinstance(pred, Tensor):
            if pred.dtype != dtypes.bool:
                raise TypeError(f"pred must be Tensor of type bool: {pred.name}")
        elif not allow_python_preds:
            raise TypeError(f"pred must be a Tensor, got: {pred}")
        elif not isinstance(pred, bool):
            raise TypeError(f"pred must be a Tensor or bool, got: {pred}")
        if not callable(fn):
            raise TypeError(f"fn for pred {getattr(pred, 'name', pred)} must be callable.")
    predicates, actions = zip(*pairs, strict=True)
    return predicates, actions


def _default_action(predicates: Sequence[Any], actions: Sequence[Any]) -> tuple[Any, Sequence[Any], Sequence[Any]]:
    """Makes the last pair the default, guarded by a check that its predicate holds."""
    k = len(predicates) - 1
    predicate, action = predicates[k], actions[k]
    others, other_actions = predicates[:k], actions[:k]

    def default() -> Any:
        others_text = (
            f"Implementation error: selected default action #{k} was called, but some of other predicates are True: "
        )
        default_text = (
            "Input error: None of conditions evaluated as True:",
            arrays.stack(predicates, name="preds_c"),
        )
        checks = [_at_most_n_true(others, 0, others_text), assertions.Assert(predicate, data=default_text)]
        with stacks.get_default_graph().control_dependencies(checks):
            return action()

    return default, others, other_actions


def _at_most_n_true(predicates: Sequence[Any], n: int, text: str) -> Any:
    together = arrays.stack(predicates, name="preds_c")
    count = reductions.reduce_sum(casting.cast(together, dtypes.int32), name="num_true_conds")
    condition = comparison.less_equal(count, constants.constant(n, name="n_true_conds"))
    names = ", ".join(getattr(p, "name", "?") for p in predicates)
    data = [f"{text}: more than {n} conditions ({names}) evaluated as True:", together]
    return assertions.Assert(condition, data=data, summarize=len(predicates))


@export("switch_case", v2=("switch_case",))
def switch_case(branch_index: Any, branch_fns: Any, default: Any = None, name: str = "switch_case") -> Any:
    """The result of `branch_fns[branch_index]`; of `default` (or the last one) when the index is out of range.

    branch_fns: functions, or pairs (int, function), or a dict of them; the keys must be 0..n-1.
    Raises: TypeError and ValueError for arguments that do not fit.
    """
    fns = _checked_branches(branch_fns, default, branch_index)
    with name_scope(name, "case", [branch_index]) as scope:
        index = casting.cast(branch_index, dtypes.int32) if branch_index.dtype != dtypes.int32 else branch_index
        graphs = []
        results = []
        for i, fn in enumerate(fns):
            branch = BodyGraph(f"{scope}branch{i}", counted=False)
            with branch.as_default():
                result = fn()
                flat = nest.flatten(result, expand_composites=True)
                branch.outputs = [branch._capture(_indexed_output(branch, v)) for v in flat]
            graphs.append(branch)
            results.append(result)
        for i, result in enumerate(results[1:], 1):
            try:
                nest.assert_same_structure(results[0], result, expand_composites=True)
            except (TypeError, ValueError) as cause:
                raise type(cause)(
                    f"Outputs of branch_fns[0] and branch_fns[{i}] have different structures: {cause}"
                ) from None
            for x, y in zip(graphs[0].outputs, graphs[i].outputs, strict=True):
                if x._dtype.base_dtype != y._dtype.base_dtype:
                    raise TypeError(
                        f"Branches 0 and {i} have outputs of different types: {x.dtype.name}, {y.dtype.name}"
                    )
        node = branches.make_case(index, graphs, "indexed_case")
        with name_scope(node._name + "/"):
            made = [identity(t, name="Identity") for t in node._outputs]
        made = with_flows(nest.flatten(results[0], expand_composites=True), made)
        return single(nest.pack_sequence_as(results[0], made, expand_composites=True))


def _indexed_output(branch: BodyGraph, value: Any) -> Tensor:
    if isinstance(value, Operation):
        with branch.control_dependencies([value]):
            return constants.constant(True)
    return conversion.to_tensor(flow_of(value))


def _checked_branches(branch_fns: Any, default: Any, branch_index: Any) -> list[Callable[[], Any]]:
    if not isinstance(branch_index, Tensor):
        raise TypeError(f"branch_index must a Tensor, got {type(branch_index)}")
    if not branch_index.dtype.is_integer:
        raise TypeError(f"branch_index must an integer Tensor, got {branch_index.dtype}")
    if not branch_fns:
        raise ValueError("Must provide at least one item in branch_fns")
    if not isinstance(branch_fns, (list, tuple, dict)):
        raise TypeError("branch_fns must be a list, tuple, or dict")
    pairs: Any = branch_fns.items() if isinstance(branch_fns, dict) else branch_fns
    if all(callable(fn) for fn in pairs):
        pairs = list(enumerate(pairs))
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError("Each entry in branch_fns must be a 2-tuple")
        key, fn = pair
        if not isinstance(key, int):
            raise TypeError(f"key must be a Python `int`, got {type(key)}")
        if not callable(fn):
            raise TypeError(f"fn for key {key} must be callable.")
    keys = [p[0] for p in pairs]
    if min(keys) < 0 or max(keys) >= len(keys) or len(set(keys)) != len(keys):
        found = ",".join(map(str, sorted(keys)))
        raise ValueError(
            f"branch indices (keys) must form contiguous range of [0 to {len(keys)}) but found {{{found}}}"
        )
    actions = [p[1] for p in sorted(pairs, key=lambda p: p[0])]
    if default is not None:
        actions.append(default)
    return actions
