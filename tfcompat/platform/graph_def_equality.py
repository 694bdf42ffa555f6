"""`tf.test.assert_equal_graph_def`.

Source: TF 1.15, python/framework/test_util.py and core/util/equal_graph_def.cc.
"""

from __future__ import annotations

import re
from typing import Any

from tfcompat.framework import protos
from tfcompat.framework.export import export

_SHARDED_SAVE = re.compile("_temp_[0-9a-z]{32}/part")
_TABLE_SHARED_NAME = re.compile(r"hash_table_[0-9a-z\-]+")


def _data_inputs(node: Any) -> list[str]:
    """The inputs that carry values; `x` and `x:0` are the same."""
    return [name.removesuffix(":0") for name in node.input if not name.startswith("^")]


def _controls(node: Any) -> set[str]:
    return {name for name in node.input if name.startswith("^")}


def _attrs(node: Any) -> dict[str, Any]:
    """The attributes that count: those named `_...` are notes of the runtime."""
    return {key: value for key, value in node.attr.items() if not key.startswith("_")}


def _show(message: Any) -> str:
    return " ".join(str(message).split())


def _node_difference(actual: Any, expected: Any) -> str:
    who = f"Node named '{actual.name}'"
    if actual.op != expected.op:
        return f"{who} has op '{actual.op}' that is not expected '{expected.op}'"
    if actual.device != expected.device:
        return f"{who} has device '{actual.device}' that is not expected '{expected.device}'"
    if len(actual.input) != len(expected.input):
        return f"{who} has inputs '{', '.join(actual.input)}' that don't match expected '{', '.join(expected.input)}'"
    pairs = zip(_data_inputs(actual), _data_inputs(expected), strict=False)
    for i, (have, want) in enumerate(pairs):
        if have != want:
            return f"{who} has input {i} '{have}' that doesn't match expected '{want}'"
    for name in sorted(_controls(expected) - _controls(actual)):
        return f"{who} missing expected control input '{name}'"
    for name in sorted(_controls(actual) - _controls(expected)):
        return f"{who} has unexpected control input '{name}'"
    have_attrs, want_attrs = _attrs(actual), _attrs(expected)
    for key, want_value in want_attrs.items():
        if key not in have_attrs:
            return f"{who} missing expected attr '{key}' with value: {_show(want_value)}"
        if have_attrs[key] != want_value:
            return (
                f"{who} has attr '{key}' with value: {_show(have_attrs[key])} "
                f"that does not match expected: {_show(want_value)}"
            )
    for key in have_attrs.keys() - want_attrs.keys():
        return f"{who} has unexpected attr '{key}' with value: {_show(have_attrs[key])}"
    return ""


def difference(actual: Any, expected: Any) -> str:
    """How two GraphDefs differ, or the empty string; the order of nodes and the versions do not count."""
    left = {node.name: node for node in actual.node}
    for node in expected.node:
        if node.name not in left:
            return f"Did not find expected node '{_show(node)}'"
        found = _node_difference(left.pop(node.name), node)
        if found:
            return found
    for node in left.values():
        return f"Found unexpected node '{_show(node)}'"
    return ""


def _without_random_names(graph_def: Any, checkpoint_v2: bool, hash_table_shared_name: bool) -> None:
    for node in graph_def.node:
        for key in list(node.attr):
            strings = node.attr[key].tensor.string_val
            random_save = checkpoint_v2 and len(strings) == 1 and _SHARDED_SAVE.match(str(strings[0]))
            random_table = (
                hash_table_shared_name
                and (node.op, key) == ("HashTableV2", "shared_name")
                and _TABLE_SHARED_NAME.match(str(node.attr[key].s))
            )
            if random_save or random_table:
                del node.attr[key]


@export("test.assert_equal_graph_def")
def assert_equal_graph_def(
    actual: Any, expected: Any, checkpoint_v2: bool = False, hash_table_shared_name: bool = False
) -> None:
    """Asserts that two GraphDefs have the same nodes: order, versions and attributes named `_...` do not count.

    `checkpoint_v2` and `hash_table_shared_name` leave out the random names that savers and tables make up.
    Raises: AssertionError naming the first difference; TypeError for anything but GraphDefs.
    """
    for what, graph_def in (("actual", actual), ("expected", expected)):
        if type(graph_def).__name__ != "GraphDef":
            raise TypeError(f"Expected tf.GraphDef for {what}, got {type(graph_def).__name__}")
        _without_random_names(graph_def, checkpoint_v2, hash_table_shared_name)
    # Through bytes, so that messages of two libraries' pools compare too.
    found = difference(*(protos.GraphDef.FromString(g.SerializeToString()) for g in (actual, expected)))
    if found:
        raise AssertionError(found)


@export(v2=("test.assert_equal_graph_def",))
def assert_equal_graph_def_v2(expected: Any, actual: Any) -> None:
    """Asserts that two GraphDefs have the same nodes, made-up names aside."""
    assert_equal_graph_def(actual, expected, checkpoint_v2=True, hash_table_shared_name=True)
