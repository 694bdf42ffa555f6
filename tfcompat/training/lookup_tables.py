"""Lookup tables: tf.lookup.StaticHashTable and initializers, tables of vocabularies, mutable tables.

Source: TF 1.15, python/ops/lookup_ops.py, contrib/lookup/lookup_ops.py.
"""

from __future__ import annotations

import functools
import numbers
import uuid
from typing import Any, NamedTuple

from tfcompat.framework import dtypes, stacks
from tfcompat.framework.collections import GraphKeys
from tfcompat.framework.constant_value import constant_value
from tfcompat.framework.conversion import to_tensor
from tfcompat.framework.dtypes import DType
from tfcompat.framework.export import export, export_value
from tfcompat.framework.operation import Operation
from tfcompat.framework.scopes import init_scope, name_scope
from tfcompat.framework.shapes import TensorShape
from tfcompat.framework.sparse_tensor import SparseTensor
from tfcompat.framework.tensor import Tensor
from tfcompat.ops import casting, comparison, elementwise, lookup_ops, ranges, selecting, shape_queries, string_numbers
from tfcompat.ops.identity import no_op


def _collect(key: str, value: Any) -> None:
    stacks.get_default_graph().add_to_collection(key, value)


# --- what tables have in common --------------------------------------------------------------------------------


@export("contrib.lookup.LookupInterface")
class LookupInterface:
    """A table from keys of one type to values of another."""

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = dtypes.as_dtype(key_dtype)
        self._value_dtype = dtypes.as_dtype(value_dtype)
        self._resource_handle: Any = None

    def _create_resource(self) -> Any:
        raise NotImplementedError

    @property
    def resource_handle(self) -> Any:
        """The tensor that stands for the table in the graph."""
        if self._resource_handle is None:
            self._resource_handle = self._create_resource()
        return self._resource_handle

    @property
    def key_dtype(self) -> DType:
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        return self._value_dtype

    @property
    def name(self) -> Any:
        return NotImplementedError

    def size(self, name: str | None = None) -> Any:
        """How many entries the table has."""
        raise NotImplementedError

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys."""
        raise NotImplementedError

    def _check_keys(self, keys: Any) -> None:
        if keys.dtype.base_dtype != self._key_dtype:
            raise TypeError(f"Signature mismatch. Keys must be dtype {self._key_dtype!s}, got {keys.dtype!s}.")


def _like(keys: Any, found: Tensor) -> Any:
    return SparseTensor(keys.indices, found, keys.dense_shape) if isinstance(keys, SparseTensor) else found


@export("contrib.lookup.InitializableLookupTableBase")
class InitializableLookupTableBase(LookupInterface):
    """A table that an initializer fills once; unknown keys give the default value."""

    def __init__(self, default_value: Any, initializer: Any) -> None:
        super().__init__(initializer.key_dtype, initializer.value_dtype)
        self._default_value = to_tensor(default_value, dtype=self._value_dtype)
        self._default_value.get_shape().merge_with(TensorShape([]))
        self._initializer = initializer
        with init_scope():
            self._resource_handle = self._create_resource()
        self._init_op = self._initialize()

    def _initialize(self) -> Operation:
        return self._initializer.initialize(self)  # type: ignore[no-any-return]

    @property
    def default_value(self) -> Tensor:
        """What unknown keys give."""
        return self._default_value

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table."""
        return self._init_op

    def size(self, name: str | None = None) -> Tensor:
        with name_scope(name, f"{self.name}_Size", [self.resource_handle]):
            return lookup_ops.size_v2_op(self.resource_handle)  # type: ignore[no-any-return]

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The values of keys (a tensor or SparseTensor).

        Raises: TypeError for keys of another type; FailedPreconditionError while running before the table is filled.
        """
        tensor = keys.values if isinstance(keys, SparseTensor) else keys
        self._check_keys(keys)
        with name_scope(name, f"{self.name}_Lookup", (self.resource_handle, tensor, self._default_value)):
            found = lookup_ops.find_v2_op(self.resource_handle, tensor, self._default_value)
        found.set_shape(tensor.get_shape())
        return _like(keys, found)


@export("lookup.StaticHashTable", v2=("lookup.StaticHashTable",))
class StaticHashTable(InitializableLookupTableBase):
    """A table that does not change once it is initialised."""

    def __init__(self, initializer: Any, default_value: Any, name: str | None = None) -> None:
        self._shared_name = initializer._shared_name or f"hash_table_{uuid.uuid4()}"
        self._name = name or "hash_table"
        self._initializer = initializer
        self._table_name: str | None = None
        super().__init__(default_value, initializer)
        self._value_shape = self._default_value.get_shape()

    def _create_resource(self) -> Tensor:
        handle = lookup_ops.TABLES["HashTable"](
            shared_name=self._shared_name or "",
            key_dtype=self._initializer.key_dtype,
            value_dtype=self._initializer.value_dtype,
            name=self._name,
        )
        self._table_name = handle.op.name.split("/")[-1]
        return handle  # type: ignore[no-any-return]

    @property
    def name(self) -> str | None:
        return self._table_name

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """All keys and their values."""
        with name_scope(name, f"{self.name}_Export", [self.resource_handle]):
            keys, found = lookup_ops.export_v2_op(
                self.resource_handle, Tkeys=self._key_dtype, Tvalues=self._value_dtype
            )
        found.set_shape(keys.get_shape().concatenate(self._value_shape))
        return keys, found


@export("contrib.lookup.HashTable")
class HashTable(StaticHashTable):
    """StaticHashTable as contrib had it, with a shared name of one's own."""

    def __init__(
        self, initializer: Any, default_value: Any, shared_name: str | None = None, name: str | None = None
    ) -> None:
        self._shared_name = shared_name  # type: ignore[assignment]
        self._name = name or "hash_table"
        self._initializer = initializer
        self._table_name = None
        InitializableLookupTableBase.__init__(self, default_value, initializer)
        self._value_shape = self._default_value.get_shape()

    @property
    def init(self) -> Operation:
        """The old name of `initializer`."""
        return self.initializer


# --- initializers ----------------------------------------------------------------------------------------------


def _check_table_types(table: Any, key_dtype: DType, value_dtype: DType) -> None:
    if key_dtype.base_dtype != table.key_dtype:
        raise TypeError(f"Invalid key dtype, expected {table.key_dtype!s} but got {key_dtype!s}.")
    if value_dtype.base_dtype != table.value_dtype:
        raise TypeError(f"Invalid value dtype, expected {table.value_dtype!s} but got {value_dtype!s}.")


@export("contrib.lookup.TableInitializerBase")
class TableInitializerBase:
    """Something that fills a table."""

    def __init__(self, key_dtype: Any, value_dtype: Any) -> None:
        self._key_dtype = dtypes.as_dtype(key_dtype)
        self._value_dtype = dtypes.as_dtype(value_dtype)

    @property
    def key_dtype(self) -> DType:
        return self._key_dtype

    @property
    def value_dtype(self) -> DType:
        return self._value_dtype

    def initialize(self, table: Any) -> Operation:
        """The operation that fills `table`."""
        raise NotImplementedError

    @property
    def _shared_name(self) -> str:
        return ""


@export("lookup.KeyValueTensorInitializer", "contrib.lookup.KeyValueTensorInitializer", v2=("lookup.KeyValueTensorInitializer",))
class KeyValueTensorInitializer(TableInitializerBase):
    """Fills a table with the pairs of two vectors."""

    def __init__(
        self, keys: Any, values: Any, key_dtype: Any = None, value_dtype: Any = None, name: str | None = None
    ) -> None:
        self._keys = to_tensor(keys, dtype=key_dtype and dtypes.as_dtype(key_dtype), name="keys")
        self._values = to_tensor(values, dtype=value_dtype and dtypes.as_dtype(value_dtype), name="values")
        self._name = name if name is not None else "key_value_init"
        super().__init__(self._keys.dtype, self._values.dtype)

    def initialize(self, table: Any) -> Operation:
        _check_table_types(table, self._keys.dtype, self._values.dtype)
        with name_scope(self._name, values=(table.resource_handle, self._keys, self._values)):
            made = lookup_ops.import_v2_op(table.resource_handle, self._keys, self._values)
        _collect(GraphKeys.TABLE_INITIALIZERS, made)
        return made  # type: ignore[no-any-return]


@export("lookup.TextFileIndex", "contrib.lookup.TextFileIndex", v2=("lookup.TextFileIndex",))
class TextFileIndex:
    """Columns that are none: the line as a whole, and its number."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


@export("lookup.TextFileInitializer", "contrib.lookup.TextFileInitializer", v2=("lookup.TextFileInitializer",))
class TextFileInitializer(TableInitializerBase):
    """Fills a table from the lines of a file: a key and a value in each.

    Raises: ValueError for columns that do not fit the types.
    """

    def __init__(
        self,
        filename: Any,
        key_dtype: Any,
        key_index: int,
        value_dtype: Any,
        value_index: int,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str | None = None,
    ) -> None:
        if not isinstance(filename, Tensor) and not filename:
            raise ValueError(f"Filename required for {name}.")
        key_dtype, value_dtype = dtypes.as_dtype(key_dtype), dtypes.as_dtype(value_dtype)
        if key_index < -2:
            raise ValueError(f"Invalid key index {key_index}.")
        if key_index == TextFileIndex.LINE_NUMBER and key_dtype != dtypes.int64:
            raise ValueError(f"Signature mismatch. Keys must be dtype {dtypes.int64!s}, got {key_dtype!s}.")
        if key_index == TextFileIndex.WHOLE_LINE and not key_dtype.is_integer and key_dtype != dtypes.string:
            raise ValueError(f"Signature mismatch. Keys must be integer or string, got {key_dtype!s}.")
        if value_index < -2:
            raise ValueError(f"Invalid value index {value_index}.")
        for index, wanted in ((TextFileIndex.LINE_NUMBER, dtypes.int64), (TextFileIndex.WHOLE_LINE, dtypes.string)):
            if value_index == index and value_dtype != wanted:
                raise ValueError(f"Signature mismatch. Values must be dtype {wanted!s}, got {value_dtype!s}.")
        if vocab_size is not None and vocab_size <= 0:
            raise ValueError(f"Invalid vocab_size {vocab_size}.")
        self._filename = filename
        self._key_index = key_index
        self._value_index = value_index
        self._vocab_size = vocab_size
        self._delimiter = delimiter
        self._name = name
        # TensorFlow keeps the file as an asset: a constant made here.
        with init_scope():
            self._path = to_tensor(filename, dtypes.string)
        super().__init__(key_dtype, value_dtype)

    def initialize(self, table: Any) -> Operation:
        _check_table_types(table, self.key_dtype, self.value_dtype)
        with name_scope(self._name, "text_file_init", (table.resource_handle,)):
            path = to_tensor(self._path, dtypes.string, name="asset_filepath")
            made = lookup_ops.initialize_from_file_v2_op(
                table.resource_handle,
                path,
                key_index=self._key_index,
                value_index=self._value_index,
                vocab_size=-1 if self._vocab_size is None else self._vocab_size,
                delimiter=self._delimiter,
            )
        _collect(GraphKeys.TABLE_INITIALIZERS, made)
        if path.op.type == "Const":
            _collect(GraphKeys.ASSET_FILEPATHS, path)
        return made  # type: ignore[no-any-return]

    @property
    def _shared_name(self) -> str:
        size = f"{self._vocab_size}_" if self._vocab_size else ""
        return f"hash_table_{self._filename}_{size}{self._key_index}_{self._value_index}"


@export("contrib.lookup.TextFileStringTableInitializer")
class TextFileStringTableInitializer(TextFileInitializer):
    """Fills a table from numbers to strings: by default from a line's number to the line."""

    def __init__(
        self,
        filename: Any,
        key_column_index: int = TextFileIndex.LINE_NUMBER,
        value_column_index: int = TextFileIndex.WHOLE_LINE,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str = "text_file_string_table_init",
    ) -> None:
        super().__init__(
            filename, dtypes.int64, key_column_index, dtypes.string, value_column_index, vocab_size, delimiter, name
        )


@export("contrib.lookup.TextFileIdTableInitializer")
class TextFileIdTableInitializer(TextFileInitializer):
    """Fills a table from strings to numbers: by default from a line to its number."""

    def __init__(
        self,
        filename: Any,
        key_column_index: int = TextFileIndex.WHOLE_LINE,
        value_column_index: int = TextFileIndex.LINE_NUMBER,
        vocab_size: int | None = None,
        delimiter: str = "\t",
        name: str = "text_file_id_table_init",
        key_dtype: Any = dtypes.string,
    ) -> None:
        super().__init__(
            filename, key_dtype, key_column_index, dtypes.int64, value_column_index, vocab_size, delimiter, name
        )


# --- vocabularies with buckets for unknown words ---------------------------------------------------------------


@export("contrib.lookup.HasherSpec")
class HasherSpec(NamedTuple):
    """How unknown words are spread over buckets."""

    hasher: str
    key: Any


FastHashSpec = HasherSpec("fasthash", None)
export_value("contrib.lookup.FastHashSpec")


@export("contrib.lookup.StrongHashSpec")
def StrongHashSpec(key: Any) -> HasherSpec:
    """A keyed hash that nobody without the key can steer. Raises: ValueError, TypeError for a bad key."""
    if len(key) != 2:
        raise ValueError(f"key must have size 2, got {len(key)}.")
    if not all(isinstance(k, numbers.Integral) for k in key):
        raise TypeError(f"Invalid key {key}. Must be unsigned integer values.")
    return HasherSpec("stronghash", key)


def _hash_function(spec: HasherSpec) -> Any:
    if spec.hasher == "fasthash":
        return string_numbers.string_to_hash_bucket_fast
    if spec.hasher == "legacy":
        return string_numbers.string_to_hash_bucket
    if spec.hasher == "stronghash":
        return functools.partial(string_numbers.string_to_hash_bucket_strong, key=spec.key)
    raise ValueError(f"Unknown hasher {spec.hasher}")


def _key_kind(dtype: DType) -> str:
    return "integer" if dtype.is_integer else "non-integer"


def _check_vocabulary(source: Any, key_dtype: DType) -> None:
    allowed = (dtypes.int64, dtypes.string)
    if source.key_dtype not in allowed:
        raise TypeError(f"Invalid key dtype, expected one of {allowed}, but got {key_dtype!s}.")
    if source.key_dtype.is_integer != key_dtype.is_integer:
        raise TypeError(f"Invalid key dtype, expected {_key_kind(key_dtype)} but got {source.key_dtype!s}.")
    if source.value_dtype != dtypes.int64:
        raise TypeError(f"Invalid value dtype, expected {dtypes.int64!s} but got {source.value_dtype!s}.")


class _WithBuckets(LookupInterface):
    """Numbers of words: those of a table, and after them buckets for words that it lacks."""

    def __init__(self, table: Any, buckets: int, hasher: HasherSpec, name: str | None, key_dtype: DType) -> None:
        if not key_dtype.is_integer and key_dtype != dtypes.string:
            raise TypeError(f"Invalid key_dtype, expected integer or string, got {key_dtype!s}.")
        self._table = table
        self._num_oov_buckets = buckets
        self._hasher_spec = hasher
        self._table_name = name.split("/")[-1] if name else None
        super().__init__(key_dtype, dtypes.int64)

    @property
    def initializer(self) -> Operation:
        """The operation that fills the table."""
        if self._table is not None:
            return self._table.initializer  # type: ignore[no-any-return]
        with name_scope(None, "init"):
            return no_op()

    @property
    def resource_handle(self) -> Any:
        return None if self._table is None else self._table.resource_handle

    @property
    def name(self) -> str | None:
        return self._table_name

    def size(self, name: str | None = None) -> Tensor:
        """How many numbers there are, buckets included."""
        with name_scope(name, f"{self.name}_Size"):
            known = self._table.size() if self._table else to_tensor(0, dtype=dtypes.int64)
            return known + self._num_oov_buckets

    def lookup(self, keys: Any, name: str | None = None) -> Any:
        """The numbers of keys (a tensor or SparseTensor)."""
        self._check_keys(keys)
        words = keys.values if isinstance(keys, SparseTensor) else keys
        if self._table and self._table.key_dtype.base_dtype == dtypes.int64:
            words = casting.cast(words, dtypes.int64)
        if self._num_oov_buckets == 0:
            return _like(keys, self._table.lookup(words, name=name))
        with name_scope(name, f"{self.name}_Lookup"):
            text = words if words.dtype.base_dtype == dtypes.string else string_numbers.as_string(words)
            buckets = _hash_function(self._hasher_spec)(text, num_buckets=self._num_oov_buckets, name="hash_bucket")
            if not self._table:
                return _like(keys, buckets)
            ids = self._table.lookup(words)
            buckets = elementwise.add(buckets, self._table.size())
            known = comparison.not_equal(ids, self._table.default_value)
            return _like(keys, selecting.where_v2(known, ids, buckets))


@export("contrib.lookup.IdTableWithHashBuckets")
class IdTableWithHashBuckets(_WithBuckets):
    """Numbers of words: those of `table`, and after them buckets for words that it lacks.

    Raises: TypeError for tables of other types; ValueError when there is neither table nor bucket.
    """

    def __init__(
        self,
        table: Any,
        num_oov_buckets: int,
        hasher_spec: HasherSpec = FastHashSpec,
        name: str | None = None,
        key_dtype: Any = None,
    ) -> None:
        name = name.rstrip("/") if name else name
        if table:
            key_dtype = table.key_dtype if key_dtype is None else key_dtype
            _check_vocabulary(table, key_dtype)
            name = name or table.name
        else:
            if num_oov_buckets <= 0:
                raise ValueError("oov_buckets must be > 0 if no table is supplied.")
            table, name = None, name or "hash_bucket"
            key_dtype = dtypes.string if key_dtype is None else key_dtype
        if not isinstance(hasher_spec, HasherSpec):
            raise TypeError(f"hasher_spec must be of type HasherSpec, got {hasher_spec}")
        super().__init__(table, num_oov_buckets, hasher_spec, name, key_dtype)

    @property
    def init(self) -> Operation:
        """The old name of `initializer`."""
        return self.initializer


@export("lookup.StaticVocabularyTable", v2=("lookup.StaticVocabularyTable",))
class StaticVocabularyTable(_WithBuckets):
    """Numbers of words: those an initializer gives, and after them buckets for the others."""

    def __init__(
        self, initializer: Any, num_oov_buckets: int, lookup_key_dtype: Any = None, name: str | None = None
    ) -> None:
        if num_oov_buckets <= 0:
            raise ValueError("oov_buckets must be > 0.")
        name = name.rstrip("/") if name else name
        table = None
        if initializer:
            lookup_key_dtype = initializer.key_dtype if lookup_key_dtype is None else lookup_key_dtype
            _check_vocabulary(initializer, lookup_key_dtype)
            table = StaticHashTable(initializer, default_value=-1)
            name = name or table.name
        else:
            lookup_key_dtype, name = dtypes.string, name or "hash_bucket"
        super().__init__(table, num_oov_buckets, FastHashSpec, name, lookup_key_dtype)


def _check_file(vocabulary_file: Any) -> None:
    if vocabulary_file is None or (isinstance(vocabulary_file, str) and not vocabulary_file):
        raise ValueError("vocabulary_file must be specified and must not be empty.")


def _check_buckets(count: int) -> None:
    if count < 0:
        raise ValueError(f"num_oov_buckets must be greater or equal than 0, got {count}.")


def _check_key_type(dtype: DType) -> None:
    if not dtype.is_integer and dtype.base_dtype != dtypes.string:
        raise TypeError("Only integer and string keys are supported.")


@export("contrib.lookup.index_table_from_file")
def index_table_from_file(
    vocabulary_file: Any = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    key_dtype: Any = dtypes.string,
    name: str | None = None,
    key_column_index: int = TextFileIndex.WHOLE_LINE,
    value_column_index: int = TextFileIndex.LINE_NUMBER,
    delimiter: str = "\t",
) -> Any:
    """A table from the words of a file to their line numbers."""
    _check_file(vocabulary_file)
    _check_buckets(num_oov_buckets)
    if vocab_size is not None and vocab_size < 1:
        shown = vocabulary_file
        if isinstance(vocabulary_file, Tensor):
            shown = constant_value(vocabulary_file) or "?"
        raise ValueError(f"vocab_size must be greater than 0, got {vocab_size}. vocabulary_file: {shown}")
    _check_key_type(key_dtype)
    with name_scope(name, "string_to_index"):
        with name_scope(None, "hash_table"):
            init = TextFileIdTableInitializer(
                vocabulary_file,
                vocab_size=vocab_size,
                key_dtype=dtypes.int64 if key_dtype.is_integer else key_dtype,
                name="table_init",
                key_column_index=key_column_index,
                value_column_index=value_column_index,
                delimiter=delimiter,
            )
            table: Any = StaticHashTable(init, default_value)
        if num_oov_buckets:
            table = IdTableWithHashBuckets(table, num_oov_buckets, hasher_spec, key_dtype=key_dtype)
        return table


@export("contrib.lookup.index_table_from_tensor")
def index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    dtype: Any = dtypes.string,
    name: str | None = None,
) -> Any:
    """A table from the entries of a vector to their positions."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    _check_buckets(num_oov_buckets)
    _check_key_type(dtype)
    with name_scope(name, "string_to_index"):
        keys = to_tensor(mapping)
        if keys.dtype.is_integer != dtype.is_integer:
            raise ValueError(f"Expected {_key_kind(dtype)}, got {keys.dtype!s}.")
        if not dtype.is_integer and keys.dtype.base_dtype != dtype:
            raise ValueError(f"Expected {dtype!s}, got {keys.dtype!s}.")
        positions = casting.cast(ranges.range(shape_queries.size(keys)), dtypes.int64)
        with name_scope(None, "hash_table"):
            words = casting.cast(keys, dtypes.int64) if keys.dtype.is_integer else keys
            init = KeyValueTensorInitializer(
                words, positions, words.dtype.base_dtype, dtypes.int64, name="table_init"
            )
            table: Any = StaticHashTable(init, default_value)
        if num_oov_buckets:
            table = IdTableWithHashBuckets(table, num_oov_buckets, hasher_spec, key_dtype=dtype)
        return table


@export("contrib.lookup.string_to_index_table_from_file")
def string_to_index_table_from_file(
    vocabulary_file: Any = None,
    num_oov_buckets: int = 0,
    vocab_size: int | None = None,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    name: str | None = None,
) -> Any:
    """The old name of `index_table_from_file` for strings."""
    return index_table_from_file(
        vocabulary_file, num_oov_buckets, vocab_size, default_value, hasher_spec, dtypes.string, name
    )


@export("contrib.lookup.string_to_index_table_from_tensor")
def string_to_index_table_from_tensor(
    mapping: Any,
    num_oov_buckets: int = 0,
    default_value: int = -1,
    hasher_spec: HasherSpec = FastHashSpec,
    name: str | None = None,
) -> Any:
    """The old name of `index_table_from_tensor` for strings."""
    with name_scope(name, "string_to_index") as scope:
        mapping = to_tensor(mapping)
    if mapping.dtype.base_dtype != dtypes.string:
        raise ValueError("string_to_index_table_from_tensor requires string.")
    return index_table_from_tensor(mapping, num_oov_buckets, default_value, hasher_spec, name=scope)


@export("contrib.lookup.string_to_index")
def string_to_index(tensor: Any, mapping: Any, default_value: int = -1, name: str | None = None) -> Any:
    """The positions of strings in `mapping`."""
    return index_table_from_tensor(mapping, default_value=default_value, name=name).lookup(tensor)


@export("contrib.lookup.index_to_string_table_from_file")
def index_to_string_table_from_file(
    vocabulary_file: Any,
    vocab_size: int | None = None,
    default_value: Any = "UNK",
    name: str | None = None,
    key_column_index: int = TextFileIndex.LINE_NUMBER,
    value_column_index: int = TextFileIndex.WHOLE_LINE,
    delimiter: str = "\t",
) -> StaticHashTable:
    """A table from line numbers to the words of a file."""
    _check_file(vocabulary_file)
    if vocab_size is not None and vocab_size < 1:
        raise ValueError(f"vocab_size must be greater than 0, got {vocab_size}.")
    with name_scope(name, "index_to_string"):
        init = TextFileStringTableInitializer(
            vocabulary_file,
            vocab_size=vocab_size,
            name="table_init",
            key_column_index=key_column_index,
            value_column_index=value_column_index,
            delimiter=delimiter,
        )
        return StaticHashTable(init, default_value)


@export("contrib.lookup.index_to_string_table_from_tensor")
def index_to_string_table_from_tensor(mapping: Any, default_value: Any = "UNK", name: str | None = None) -> StaticHashTable:
    """A table from positions to the entries of a string vector."""
    if mapping is None:
        raise ValueError("mapping must be specified.")
    with name_scope(name, "index_to_string"):
        words = to_tensor(mapping, dtypes.string)
        positions = casting.cast(ranges.range(shape_queries.size(words)), dtypes.int64)
        init = KeyValueTensorInitializer(positions, words, dtypes.int64, dtypes.string, name="table_init")
        return StaticHashTable(init, default_value)


@export("contrib.lookup.index_to_string")
def index_to_string(tensor: Any, mapping: Any, default_value: Any = "UNK", name: str | None = None) -> Any:
    """The entries of `mapping` at these positions."""
    return index_to_string_table_from_tensor(mapping, default_value=default_value, name=name).lookup(tensor)
