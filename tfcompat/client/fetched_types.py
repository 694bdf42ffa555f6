"""What fetching a composite tensor returns."""

from __future__ import annotations

import collections

from tfcompat.framework.sparse_tensor import SparseTensorValue

IndexedSlicesValue = collections.namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])

__all__ = ["IndexedSlicesValue", "SparseTensorValue"]
