"""What fetching a composite tensor returns."""

from __future__ import annotations

import collections

from tfcompat.framework.export import export

IndexedSlicesValue = collections.namedtuple("IndexedSlicesValue", ["values", "indices", "dense_shape"])


class SparseTensorValue(collections.namedtuple("SparseTensorValue", ["indices", "values", "dense_shape"])):
    """The numpy parts of a fetched SparseTensor: indices [n, rank], values [n], dense_shape [rank]."""

    __slots__ = ()


export("SparseTensorValue")(SparseTensorValue)
export("IndexedSlicesValue")(IndexedSlicesValue)
