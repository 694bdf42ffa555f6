"""Embedding lookups: rows of a table, possibly in parts, by dense or sparse ids.

Source: TF 1.15, python/ops/embedding_ops.py; the nodes are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from tfcompat.framework import conversion, dtypes
from tfcompat.framework.export import export
from tfcompat.framework.scopes import name_scope
from tfcompat.framework.shapes import Dimension, TensorShape, dimension_value, unknown_shape
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.stacks import get_default_graph
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import (
    arrays,
    casting,
    clipping,
    comparison,
    elementwise,
    exponents,
    gathering,
    identity,
    ranges,
    reductions,
    segments,
    selecting,
    shapes,
    slicing,
    sparse,
)
from tfcompat.ops.constants import constant
from tfcompat.ops.stitching import parallel_dynamic_stitch_op
from tfcompat.ops.variable_parts import PartitionedVariable
from tfcompat.ops.variable_resource import BaseResourceVariable

Transform = Callable[[Tensor], Tensor]


def _rank_of(x: Any) -> tuple[Any, bool]:
    """The rank of x, and whether it is known while building (and not 0)."""
    rank = conversion.to_tensor(x).shape.ndims
    return (rank, True) if rank else (shapes.rank(x), False)


def _clipped(params: Tensor, ids: Tensor, max_norm: Any) -> Tensor:
    """Embeddings with norms of at most max_norm, one norm for each id."""
    if max_norm is None:
        return params
    ids_rank, ids_static = _rank_of(ids)
    params_rank, params_static = _rank_of(params)
    axes = list(range(ids_rank, params_rank)) if ids_static and params_static else ranges.range(ids_rank, params_rank)
    return clipping.clip_by_norm(params, max_norm, axes=axes)


def _as_parts(params: Any) -> list[Any]:
    """The table's parts as a list. Raises ValueError when there are none."""
    if params is None:
        raise ValueError("params must be specified")
    if isinstance(params, (list, tuple)) and not params:
        raise ValueError("Need at least one param")
    if isinstance(params, PartitionedVariable):
        return list(params)
    return params if isinstance(params, list) else [params]


def lookup_and_transform(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    max_norm: Any = None,
    transform_fn: Transform | None = None,
) -> Tensor:
    """Rows of `params` by `ids`; transform_fn is applied to what each part gives.

    Raises: ValueError for no table, or an unknown strategy.
    """
    params = _as_parts(params)
    graph = get_default_graph()
    with name_scope(name, "embedding_lookup", [*params, ids]) as name:
        if not any(isinstance(p, BaseResourceVariable) for p in params):
            params = [
                conversion.convert_to_tensor_or_indexed_slices(p, name=f"params_{i}") for i, p in enumerate(params)
            ]
        ids = conversion.to_tensor(ids, name="ids")
        if len(params) == 1 and (transform_fn is None or ids.shape.ndims == 1):
            with graph.colocate_with(params[0]):
                result = _clipped(gathering.gather(params[0], ids, name=name), ids, max_norm)
                if transform_fn is not None:
                    result = transform_fn(result)
            # So that a gradient has a dense tensor in front of the sparse read.
            return identity.identity(result)
        return _from_parts(params, ids, partition_strategy, name, max_norm, transform_fn)


def _from_parts(
    params: list[Any], ids: Tensor, strategy: str, name: str, max_norm: Any, transform_fn: Transform | None
) -> Tensor:
    graph = get_default_graph()
    n = len(params)
    flat = shapes.reshape(ids, [-1])
    positions = ranges.range(shapes.size(flat))
    part, row = _assignments(params, flat, strategy)
    part = casting.cast(part, dtypes.int32)
    rows = selecting.dynamic_partition(row, part, n)
    places = selecting.dynamic_partition(positions, part, n)
    found = []
    for p in range(n):
        with graph.colocate_with(params[p]):
            result = gathering.gather(params[p], rows[p])
            if transform_fn is not None:
                result = transform_fn(_clipped(result, rows[p], max_norm))
        found.append(result)
    out = parallel_dynamic_stitch_op(places, found, name=name)
    if transform_fn is None:
        element = params[0].shape[1:]
        for other in params[1:]:
            element = element.merge_with(other.shape[1:])
    else:
        element = out.shape[1:]
    if element.is_fully_defined():
        tail: Any = element
    elif transform_fn is None:
        with graph.colocate_with(params[0]):
            whole = shapes.shape(params[0])
        tail = whole[1:]
    else:
        tail = shapes.shape(out)[1:]
    out = shapes.reshape(out, arrays.concat([shapes.shape(ids), tail], 0))
    out.set_shape(ids.shape.concatenate(element))
    return out if transform_fn is not None else _clipped(out, ids, max_norm)


def _assignments(params: list[Any], ids: Tensor, strategy: str) -> tuple[Tensor, Tensor]:
    """For each id the part it lies in and its row there."""
    n = len(params)
    if strategy == "mod":
        return ids % n, ids // n
    if strategy != "div":
        raise ValueError("Unrecognized partition strategy: " + strategy)
    total = _number_of_ids(params, ids.dtype)
    each = total // n
    extras = total % n  # the first parts have one row more
    part = elementwise.maximum(ids // (each + 1), (ids - extras) // each)
    row = selecting.where(part < extras, ids % (each + 1), (ids - extras) % each)
    return part, row


def _number_of_ids(params: list[Any], dtype: Any) -> Tensor:
    size = Dimension(dimension_value(params[0].shape[0]))
    for p in params[1:]:
        size += Dimension(dimension_value(p.shape[0]))
    if size.value:
        return constant(size.value, dtype)
    sizes: list[Any] = []
    for p in params:
        known = dimension_value(p.shape[0])
        if known is not None:
            sizes.append(known)
        else:
            with get_default_graph().colocate_with(p):
                sizes.append(shapes.shape(p)[0])
    return reductions.reduce_sum(casting.cast(arrays.stack(sizes), dtype))


@export("nn.embedding_lookup")
def embedding_lookup(
    params: Any,
    ids: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    validate_indices: bool = True,
    max_norm: Any = None,
) -> Tensor:
    """The rows of a table that `ids` name; the table may be a list of parts, split by "mod" or "div".

    max_norm: embeddings are clipped to this norm.
    Shapes: params [n, ...], ids [...] -> ids' shape + params' shape[1:].
    """
    return lookup_and_transform(params, ids, partition_strategy, name, max_norm)


@export(v2=("nn.embedding_lookup",))
def embedding_lookup_v2(params: Any, ids: Any, max_norm: Any = None, name: str | None = None) -> Tensor:
    """The rows of a table that `ids` name; parts are split by "div"."""
    return embedding_lookup(params, ids, "div", name, max_norm=max_norm)


@export("nn.embedding_lookup_sparse")
def embedding_lookup_sparse(
    params: Any,
    sp_ids: Any,
    sp_weights: Any,
    partition_strategy: str = "mod",
    name: str | None = None,
    combiner: str | None = None,
    max_norm: Any = None,
) -> Tensor:
    """For each row of the sparse matrix `sp_ids`, the embeddings of its ids combined: "mean", "sqrtn" or "sum".

    sp_weights: None, or a SparseTensor like sp_ids with the weight of each id.
    Shapes: [number of rows, ...].
    Raises: TypeError for ids or weights that are not sparse; ValueError for another combiner.
    """
    if combiner is None:
        logging.getLogger("tensorflow").warning(
            'The default value of combiner will change from "mean" to "sqrtn" after 2016/11/01.'
        )
        combiner = "mean"
    if combiner not in ("mean", "sqrtn", "sum"):
        raise ValueError("combiner must be one of 'mean', 'sqrtn' or 'sum'")
    if isinstance(params, PartitionedVariable):
        params = list(params)
    if not isinstance(params, list):
        params = [params]
    if not isinstance(sp_ids, SparseTensor):
        raise TypeError("sp_ids must be SparseTensor")
    if sp_weights is not None:
        if not isinstance(sp_weights, SparseTensor):
            raise TypeError("sp_weights must be either None or SparseTensor")
        sp_ids.values.shape.assert_is_compatible_with(sp_weights.values.shape)
        sp_ids.indices.shape.assert_is_compatible_with(sp_weights.indices.shape)
        sp_ids.dense_shape.shape.assert_is_compatible_with(sp_weights.dense_shape.shape)
    with name_scope(name, "embedding_lookup_sparse", [*params, sp_ids]) as name:
        segment_ids = sp_ids.indices[:, 0]
        if segment_ids.dtype is not dtypes.int32:
            segment_ids = casting.cast(segment_ids, dtypes.int32)
        ids, index = selecting.unique(sp_ids.values)
        embeddings = embedding_lookup(params, ids, partition_strategy=partition_strategy, max_norm=max_norm)
        if embeddings.dtype in (dtypes.float16, dtypes.bfloat16):
            embeddings = casting.cast(embeddings, dtypes.float32)
        if sp_weights is None:
            combine = {
                "sum": segments.sparse_segment_sum,
                "mean": segments.sparse_segment_mean,
                "sqrtn": segments.sparse_segment_sqrt_n,
            }[combiner]
            return combine(embeddings, index, segment_ids, name=name)
        return _combined_by_weights(embeddings, index, segment_ids, sp_weights.values, combiner, name)


def _combined_by_weights(
    embeddings: Tensor, index: Tensor, segment_ids: Tensor, weights: Tensor, combiner: str, name: str
) -> Tensor:
    if weights.dtype is not embeddings.dtype:
        weights = casting.cast(weights, embeddings.dtype)
    embeddings = gathering.gather(embeddings, index)
    # The weights get the embeddings' rank, so that they broadcast.
    ones = shapes.fill(shapes.expand_dims(shapes.rank(embeddings) - 1, 0), 1)
    shape = arrays.concat([shapes.shape(weights), ones], 0)
    static = weights.shape
    weights = shapes.reshape(weights, shape)
    rank = embeddings.shape.ndims
    if rank is not None:
        weights.set_shape(static.concatenate([1] * (rank - 1)))
    embeddings *= weights
    if combiner == "sum":
        return segments.segment_sum(embeddings, segment_ids, name=name)
    embeddings = segments.segment_sum(embeddings, segment_ids)
    if combiner == "mean":
        return elementwise.div(embeddings, segments.segment_sum(weights, segment_ids), name=name)
    squares = segments.segment_sum(elementwise.pow(weights, 2), segment_ids)
    return elementwise.div(embeddings, exponents.sqrt(squares), name=name)


@export(v2=("nn.embedding_lookup_sparse",))
def embedding_lookup_sparse_v2(
    params: Any,
    sp_ids: Any,
    sp_weights: Any,
    combiner: str | None = None,
    max_norm: Any = None,
    name: str | None = None,
) -> Tensor:
    """For each row of the sparse matrix `sp_ids`, the embeddings of its ids combined."""
    return embedding_lookup_sparse(params, sp_ids, sp_weights, "div", name, combiner, max_norm)


@export("nn.safe_embedding_lookup_sparse")
def safe_embedding_lookup_sparse(
    embedding_weights: Any,
    sparse_ids: SparseTensor,
    sparse_weights: SparseTensor | None = None,
    combiner: str = "mean",
    default_id: Any = None,
    name: str | None = None,
    partition_strategy: str = "div",
    max_norm: Any = None,
) -> Tensor:
    """embedding_lookup_sparse that leaves out negative ids and, unless summing, weights that are not positive.

    Rows without ids give the embedding of default_id, or zeros. sparse_ids may have any rank; the last is combined.
    Raises: ValueError when there is no table.
    """
    if embedding_weights is None:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    if isinstance(embedding_weights, PartitionedVariable):
        embedding_weights = list(embedding_weights)
    if not isinstance(embedding_weights, list):
        embedding_weights = [embedding_weights]
    if not embedding_weights:
        raise ValueError(f"Missing embedding_weights {embedding_weights}.")
    dtype = None if sparse_weights is None else sparse_weights.dtype
    tables = [
        w
        if isinstance(w, BaseResourceVariable) and dtype in (None, w.dtype)
        else conversion.convert_to_tensor(w, dtype=dtype)
        for w in embedding_weights
    ]
    with name_scope(name, "embedding_lookup", [*tables, sparse_ids, sparse_weights]) as scope:
        shape = sparse_ids.dense_shape
        known_rank = dimension_value(shape.shape[0])
        rank: Any = shapes.size(shape) if known_rank is None else known_rank
        # To a matrix: everything but the last dimension in the rows.
        rows = reductions.reduce_prod(slicing.slice(shape, [0], [rank - 1]))
        sparse_ids = sparse.sparse_reshape(sparse_ids, [rows, gathering.gather(shape, rank - 1)])
        if sparse_weights is not None:
            sparse_weights = SparseTensor(sparse_ids.indices, sparse_weights.values, sparse_ids.dense_shape)
        sparse_ids, sparse_weights = _without_invalid_ids(sparse_ids, sparse_weights)
        if combiner != "sum":
            sparse_ids, sparse_weights = _without_invalid_weights(sparse_ids, sparse_weights)
        sparse_ids, empty = sparse.sparse_fill_empty_rows(sparse_ids, default_id or 0)
        if sparse_weights is not None:
            sparse_weights, _ = sparse.sparse_fill_empty_rows(sparse_weights, 1.0)
        result = embedding_lookup_sparse(
            tables,
            sparse_ids,
            sparse_weights,
            combiner=combiner,
            partition_strategy=partition_strategy,
            name=None if default_id is None else scope,
            max_norm=max_norm,
        )
        if default_id is None:
            # What stands in the filled rows belongs to id 0.
            repeats = arrays.stack([1, shapes.shape(result)[1]])
            empty = arrays.tile(shapes.reshape(empty, [-1, 1]), repeats)
            result = selecting.where(empty, shapes.zeros_like(result), result, name=scope)
        outer = slicing.slice(casting.cast(shape, dtypes.int32), [0], [rank - 1])
        final = shapes.reshape(result, arrays.concat([outer, slicing.slice(shapes.shape(result), [1], [-1])], 0))
        outer_rank = (Dimension(known_rank) - 1).value
        static: TensorShape = unknown_shape(outer_rank)
        final.set_shape(static.concatenate(result.shape[1:]))
        return final


def _without_invalid_ids(ids: SparseTensor, weights: SparseTensor | None) -> tuple[SparseTensor, SparseTensor | None]:
    valid = comparison.greater_equal(ids.values, 0)
    if weights is not None:
        valid = comparison.logical_and(valid, shapes.ones_like(weights.values, dtype=dtypes.bool))
    return _retained(ids, weights, valid)


def _without_invalid_weights(
    ids: SparseTensor, weights: SparseTensor | None
) -> tuple[SparseTensor, SparseTensor | None]:
    if weights is None:
        return ids, None
    return _retained(ids, weights, comparison.greater(weights.values, 0))


def _retained(
    ids: SparseTensor, weights: SparseTensor | None, keep: Tensor
) -> tuple[SparseTensor, SparseTensor | None]:
    ids = sparse.sparse_retain(ids, keep)
    return ids, None if weights is None else sparse.sparse_retain(weights, keep)


@export(v2=("nn.safe_embedding_lookup_sparse",))
def safe_embedding_lookup_sparse_v2(
    embedding_weights: Any,
    sparse_ids: SparseTensor,
    sparse_weights: SparseTensor | None = None,
    combiner: str = "mean",
    default_id: Any = None,
    max_norm: Any = None,
    name: str | None = None,
) -> Tensor:
    """embedding_lookup_sparse that leaves out negative ids and empty rows."""
    return safe_embedding_lookup_sparse(
        embedding_weights, sparse_ids, sparse_weights, combiner, default_id, name, "div", max_norm
    )
