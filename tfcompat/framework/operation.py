"""Operation: one use of an op in a graph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, overload

from tfcompat.framework import sites, stacks
from tfcompat.framework.export import export
from tfcompat.framework.tensor import Tensor

if TYPE_CHECKING:
    from tfcompat.framework.graph import Graph
    from tfcompat.framework.op import Op


class InputList(Sequence[Tensor]):
    """The inputs of a node, read-only."""

    __slots__ = ("_inputs",)

    def __init__(self, inputs: list[Tensor]) -> None:
        self._inputs = inputs

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._inputs)

    def __len__(self) -> int:
        return len(self._inputs)

    @overload
    def __getitem__(self, i: int) -> Tensor: ...
    @overload
    def __getitem__(self, i: slice) -> list[Tensor]: ...
    def __getitem__(self, i: int | slice) -> Any:
        return self._inputs[i]

    def __repr__(self) -> str:
        return repr(self._inputs)


@export("Operation")
class Operation:
    """A node: an op type with inputs, attrs and outputs. Made by the op functions, never directly by users."""

    __slots__ = (
        "__dict__",
        "__weakref__",
        "_attrs",
        "_control_inputs",
        "_control_outputs",
        "_decl",
        "_device",
        "_graph",
        "_id",
        "_inputs",
        "_name",
        "_original_op",
        "_outputs",
        "_stack",
        "_type",
    )

    def __init__(
        self,
        graph: Graph,
        node_id: int,
        name: str,
        decl: Op,
        inputs: list[Tensor],
        output_types: Sequence[Any],
        attrs: dict[str, Any],
        control_inputs: list[Operation],
        stack: sites.Stack,
    ) -> None:
        self._graph = graph
        self._id = node_id
        self._name = name
        self._type = decl.type
        self._decl = decl
        self._inputs = inputs
        self._attrs = attrs
        self._control_inputs = control_inputs
        self._control_outputs: list[Operation] = []
        self._device = ""
        self._original_op: Operation | None = None
        self._stack = stack
        self._outputs = [Tensor(self, i, dtype) for i, dtype in enumerate(output_types)]
        for t in inputs:
            t._consumers.append(self)
        for c in control_inputs:
            c._control_outputs.append(self)

    @property
    def graph(self) -> Graph:
        return self._graph

    @property
    def name(self) -> str:
        return self._name

    @property
    def type(self) -> str:
        return self._type

    @property
    def inputs(self) -> InputList:
        return InputList(self._inputs)

    @property
    def outputs(self) -> list[Tensor]:
        return self._outputs

    @property
    def control_inputs(self) -> list[Operation]:
        return list(self._control_inputs)

    @property
    def _control_outputs_list(self) -> list[Operation]:
        return list(self._control_outputs)

    @property
    def _input_types(self) -> list[Any]:
        return [t._dtype for t in self._inputs]

    @property
    def _output_types(self) -> list[int]:
        return [int(t._dtype.as_datatype_enum) for t in self._outputs]

    @property
    def device(self) -> str:
        """The device asked for, canonical; empty when the runtime may choose."""
        return self._device

    def _set_device(self, device: Any) -> None:
        from tfcompat.framework.device import DeviceSpec, canonical_name

        self._device = device.to_string() if isinstance(device, DeviceSpec) else canonical_name(str(device or ""))

    @property
    def traceback(self) -> list[sites.Frame]:
        """The user's call stack when the node was made, outermost frame first."""
        return sites.frames(self._stack)

    traceback_with_start_lines = traceback

    @property
    def site(self) -> str:
        """The user's line that made this node, as `train.py:41 in build`."""
        return sites.describe(self._stack)

    @property
    def op_def(self) -> Any:
        from tfcompat.framework.graph_def import op_def_proto

        return op_def_proto(self._decl.definition)

    @property
    def node_def(self) -> Any:
        """This node as a NodeDef message."""
        from tfcompat.framework.graph_def import node_def

        return node_def(self)

    def get_attr(self, name: str) -> Any:
        """The value of an attr, in the Python form TF gives it (bytes for strings, protos for shapes and tensors).

        Raises: ValueError when the node has no such attr.
        """
        if name not in self._attrs:
            raise ValueError(f"Operation '{self._name}' has no attr named '{name}'.")
        from tfcompat.framework.graph_def import public_attr

        return public_attr(self, name)

    def _set_attr(self, name: str, value: Any) -> None:
        """Sets an attr from an AttrValue message or a plain value."""
        from tfcompat.framework.graph_def import attr_from_proto, is_attr_value

        self._attrs[name] = attr_from_proto(value) if is_attr_value(value) else value

    def _clear_attr(self, name: str) -> None:
        self._attrs.pop(name, None)

    def colocation_groups(self) -> list[bytes]:
        """The groups this node shares a device with; its own name's group when none was given."""
        groups = [g if isinstance(g, bytes) else g.encode() for g in self._attrs.get("_class", ())]
        own = [g for g in groups if g.startswith(b"loc:@")]
        return own or [b"loc:@" + self._name.encode()]

    def values(self) -> tuple[Tensor, ...]:
        return tuple(self._outputs)

    def run(self, feed_dict: Any = None, session: Any = None) -> None:
        """Runs this node in the given or the default session."""
        if session is None:
            session = stacks.get_default_session()
            if session is None:
                raise ValueError(
                    "Cannot execute operation using `run()`: No default session is registered. Use "
                    "`with sess.as_default():` or pass an explicit session to `run(session=sess)`"
                )
            if session.graph is not self._graph:
                raise ValueError(
                    "Cannot use the default session to execute operation: the operation's graph is different from "
                    "the session's graph. Pass an explicit session to run(session=sess)."
                )
        elif session.graph is not self._graph:
            raise ValueError(
                "Cannot use the given session to execute operation: the operation's graph is different from the "
                "session's graph."
            )
        session.run(self, feed_dict)

    def _add_control_input(self, op: Operation) -> None:
        self._add_control_inputs([op])

    def _add_control_inputs(self, ops: Sequence[Operation]) -> None:
        for c in ops:
            if not isinstance(c, Operation):
                raise TypeError(f"op must be an Operation: {c}")
            if c not in self._control_inputs:
                self._control_inputs.append(c)
                c._control_outputs.append(self)
        self._graph._note_edit()

    def _remove_all_control_inputs(self) -> None:
        for c in self._control_inputs:
            c._control_outputs.remove(self)
        self._control_inputs.clear()
        self._graph._note_edit()

    def _update_input(self, index: int, tensor: Tensor) -> None:
        if tensor.graph is not self._graph:
            raise ValueError(f"{tensor} must be from the same graph as {self}.")
        self._inputs[index]._consumers.remove(self)
        self._inputs[index] = tensor
        tensor._consumers.append(self)
        self._graph._note_edit()

    def __str__(self) -> str:
        return str(self.node_def)

    def __repr__(self) -> str:
        return f"<tf.Operation '{self._name}' type={self._type}>"

    def __copy__(self) -> Operation:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Operation:
        return self
