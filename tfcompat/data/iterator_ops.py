"""Iterators as resources of a session, and optionals.

Source: TF 1.15, core/kernels/data/iterator_ops.cc, optional_ops.cc.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import torch

from tfcompat.data.dataset_ops import component_shapes, host_session, on_device, on_host, variant_op
from tfcompat.data.flow.core import Element, Elements, Flow, Run, shape_of
from tfcompat.framework import errors
from tfcompat.framework.op import NOT_DIFFERENTIABLE, Fixed, KernelContext, Op, Shape, ShapeContext, op
from tfcompat.framework.tensor import dims_of

_KIND = "iterator"
_HANDLE_PREFIX = "tfcompat iterator"


class IteratorResource:
    """Where a walk through a dataset stands. Thread safe."""

    def __init__(self, container: str, name: str, types: list[Any], shapes: list[Any]) -> None:
        self.container, self.name = container, name
        self.types, self.shapes = list(types), list(shapes)
        self._lock = threading.RLock()
        self._run: Run | None = None
        self._flow: Flow | None = None
        self._elements: Elements | None = None
        self._count = 0

    def start(self, flow: Flow) -> None:
        """Begins at the start of a dataset."""
        with self._lock:
            if self._run is not None:
                self._run.close()
            self._run, self._flow, self._count = Run(), flow, 0
            self._elements = flow.iterate(self._run, "Iterator")

    def _ready(self) -> Elements:
        if self._elements is None:
            raise errors.FailedPreconditionError(
                None, None,
                "GetNext() failed because the iterator has not been initialized. Ensure that you have run the "
                "initializer operation for this iterator before getting the next element.",
            )
        return self._elements

    def next(self) -> Element:
        """The next element. Raises OutOfRangeError at the end."""
        with self._lock:
            try:
                found = self._ready().next()
            except StopIteration:
                raise errors.OutOfRangeError(None, None, "End of sequence") from None
            self._count += 1
            return found

    def position(self) -> Position:
        with self._lock:
            self._ready()
            return Position(self._count)

    def resume(self, position: Position) -> None:
        """Goes to a position from the start of the dataset: what came before is made again and dropped."""
        with self._lock:
            if self._flow is None:
                raise errors.FailedPreconditionError(
                    None, None,
                    "Restore() failed because the iterator has not been initialized. Ensure that you have run the "
                    "initializer operation for this iterator before restoring it.",
                )
            self.start(self._flow)
            for _ in range(position.count):
                self.next()

    def close_resource(self) -> None:
        with self._lock:
            if self._run is not None:
                self._run.close()

    def handle(self) -> bytes:
        return "\0".join((_HANDLE_PREFIX, self.container, self.name)).encode()

    def __repr__(self) -> str:
        return f"<iterator {self.name}>"


class OneShotResource(IteratorResource):
    """An iterator that makes its dataset when it is first asked."""

    def __init__(self, c: KernelContext, container: str, name: str) -> None:
        super().__init__(container, name, c.attrs["output_types"], c.attrs["output_shapes"])
        self._session = host_session(c.session)
        self._factory = c.attrs["dataset_factory"]

    def _ready(self) -> Elements:
        if self._elements is None:
            (flow,) = self._session.compile_function(self._factory)([])
            self.start(flow)
        return super()._ready()


class Position:
    """How far an iterator has come: the value of SerializeIterator."""

    __slots__ = ("count",)

    def __init__(self, count: int) -> None:
        self.count = count


def _scalar(c: ShapeContext) -> Shape:
    return ()


def _nothing(c: ShapeContext) -> list[Shape]:
    return []


def _declare(op_type: str, shape: Any, host: tuple[str, ...] = ()) -> Op:
    declared = op(op_type, host=host, stateful=True)(shape)
    declared.gradient(NOT_DIFFERENTIABLE)
    return declared


iterator_op = _declare("Iterator", _scalar)
iterator_v2_op = _declare("IteratorV2", _scalar)
one_shot_iterator_op = _declare("OneShotIterator", _scalar)


@iterator_op.builder
@iterator_v2_op.builder
def _iterator(c: KernelContext) -> Any:
    container, name = c.attrs["container"], c.attrs["shared_name"] or c.node._name
    return Fixed(
        c.session.resources.get_or_create(
            _KIND,
            container,
            name,
            lambda: IteratorResource(container, name, c.attrs["output_types"], c.attrs["output_shapes"]),
        )
    )


@one_shot_iterator_op.builder
def _one_shot_iterator(c: KernelContext) -> Any:
    container, name = c.attrs["container"], c.attrs["shared_name"] or c.node._name
    return Fixed(
        c.session.resources.get_or_create(_KIND, container, name, lambda: OneShotResource(c, container, name))
    )


make_iterator_op = _declare("MakeIterator", _nothing)


@make_iterator_op.kernel
def _make_iterator(dataset: Flow, iterator: IteratorResource) -> list[Any]:
    iterator.start(dataset)
    return []


iterator_get_next_op = _declare("IteratorGetNext", component_shapes)
iterator_get_next_sync_op = _declare("IteratorGetNextSync", component_shapes)


@iterator_get_next_op.builder
@iterator_get_next_sync_op.builder
def _get_next(c: KernelContext) -> Any:
    device = c.device
    count = len(c.attrs["output_types"])

    def run(iterator: IteratorResource) -> Element:
        found = iterator.next()
        if len(found) != count:
            raise errors.InvalidArgumentError(
                None, None, f"Number of components in element and node differ: {len(found)} and {count}"
            )
        if device.type != "cpu":
            return [on_device(v, device) for v in found]
        return found

    return run


iterator_to_string_handle_op = _declare("IteratorToStringHandle", _scalar)


@iterator_to_string_handle_op.kernel
def _to_string_handle(resource_handle: IteratorResource) -> np.ndarray:
    out = np.empty((), object)
    out[()] = resource_handle.handle()
    return out


iterator_from_string_handle_op = _declare("IteratorFromStringHandle", _scalar, ("string_handle",))
iterator_from_string_handle_v2_op = _declare("IteratorFromStringHandleV2", _scalar, ("string_handle",))


@iterator_from_string_handle_op.builder
@iterator_from_string_handle_v2_op.builder
def _from_string_handle(c: KernelContext) -> Any:
    resources = c.session.resources
    types, shapes = c.attrs["output_types"], c.attrs["output_shapes"]

    def run(string_handle: Any) -> IteratorResource:
        if not isinstance(string_handle, bytes):
            raise errors.InvalidArgumentError(None, None, "string_handle must be a scalar")
        prefix, _, rest = string_handle.partition(b"\0")
        if prefix.decode("utf-8", "replace") != _HANDLE_PREFIX:
            raise errors.InvalidArgumentError(
                None, None, "Could not parse string_handle as a valid ResourceHandle"
            )
        container, _, name = rest.decode().partition("\0")
        found = resources.get(_KIND, container, name)
        if found is None:
            raise errors.NotFoundError(
                None, None,
                f"Resource {container or 'localhost'}/{name}/N10tensorflow4data16IteratorResourceE does not exist.",
            )
        _check_components(types, shapes, found)
        return found

    return run


def _check_components(types: list[Any], shapes: list[Any], found: IteratorResource) -> None:
    if types:
        if len(types) != len(found.types):
            raise errors.InvalidArgumentError(
                None, None,
                f"Number of components does not match: expected {len(types)} types but got {len(found.types)}.",
            )
        for i, (want, have) in enumerate(zip(types, found.types, strict=True)):
            if want is not have:
                raise errors.InvalidArgumentError(
                    None, None, f"Data type mismatch at component {i}: expected {want.name} but got {have.name}."
                )
    if shapes:
        for i, (wanted, has) in enumerate(zip(shapes, found.shapes, strict=True)):
            if not wanted.is_compatible_with(has):
                raise errors.InvalidArgumentError(
                    None, None, f"Incompatible shapes at component {i}: expected {wanted} but got {has}."
                )


serialize_iterator_op = _declare("SerializeIterator", _scalar)


@serialize_iterator_op.kernel
def _serialize(resource_handle: IteratorResource) -> Position:
    return resource_handle.position()


deserialize_iterator_op = _declare("DeserializeIterator", _nothing)


@deserialize_iterator_op.kernel
def _deserialize(resource_handle: IteratorResource, serialized: Position) -> list[Any]:
    resource_handle.resume(serialized)
    return []


# -- optionals ----------------------------------------------------------------------------------------------------------


class OptionalValue:
    """The components of a value, or None in their place."""

    __slots__ = ("components",)

    def __init__(self, components: Element | None) -> None:
        self.components = components


iterator_get_next_as_optional_op = _declare("IteratorGetNextAsOptional", _scalar)


@iterator_get_next_as_optional_op.kernel
def _next_as_optional(iterator: IteratorResource) -> OptionalValue:
    try:
        return OptionalValue(iterator.next())
    except errors.OutOfRangeError:
        return OptionalValue(None)


@variant_op("OptionalFromValue")
def optional_from_value_op(c: KernelContext, components: Element) -> OptionalValue:
    return OptionalValue([on_host(v) for v in components])


@variant_op("OptionalNone")
def optional_none_op(c: KernelContext) -> OptionalValue:
    return OptionalValue(None)


optional_has_value_op = op("OptionalHasValue")(_scalar)
optional_has_value_op.gradient(NOT_DIFFERENTIABLE)


@optional_has_value_op.kernel
def _has_value(optional: OptionalValue, *, device: torch.device) -> Any:
    return torch.tensor(optional.components is not None, device=device)


optional_get_value_op = op("OptionalGetValue")(component_shapes)
optional_get_value_op.gradient(NOT_DIFFERENTIABLE)


@optional_get_value_op.builder
def _get_value(c: KernelContext) -> Any:
    shapes = [dims_of(s) for s in c.attrs["output_shapes"]]

    def run(optional: OptionalValue) -> Element:
        if optional.components is None:
            raise errors.InvalidArgumentError(None, None, "The given optional does not have a value.")
        for i, (want, v) in enumerate(zip(shapes, optional.components, strict=True)):
            have = shape_of(v)
            if want is not None and (
                len(want) != len(have) or any(w not in (None, h) for w, h in zip(want, have, strict=True))
            ):
                raise errors.InvalidArgumentError(
                    None, None, f"Shape of component {i} of the optional does not match: expected {want}, got {have}"
                )
        return [on_device(v, c.device) for v in optional.components]

    return run
