"""The assertions of `tf.test.TestCase` about arrays, tensors and nested structures of them.

Source: TF 1.15, python/framework/test_util.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from absl.testing import absltest

from tfcompat.framework import dtypes
from tfcompat.framework.tensor import Tensor

_SHOWN_SUBSCRIPTS = 10


def _is_ragged(value: Any) -> bool:
    return hasattr(value, "ragged_rank")


def _small_enough_to_print(array: np.ndarray) -> bool:
    return array.ndim <= 3 or array.size < 500


def _offending(subscripts: tuple[np.ndarray, ...], values: np.ndarray) -> str:
    """Up to ten lines `[i j] : value`."""
    rows = np.transpose(subscripts)
    lines = [f"  {row} : {values[tuple(row)]}" for row in rows[:_SHOWN_SUBSCRIPTS]]
    return "\n".join(lines + ["  ..."] * (len(rows) > _SHOWN_SUBSCRIPTS))


class ArrayAssertions(absltest.TestCase):
    """assertAllClose and its relatives; `evaluate` turns tensors into values."""

    def evaluate(self, tensors: Any) -> Any:
        """The values of tensors."""
        raise NotImplementedError

    def _GetNdArray(self, a: Any) -> np.ndarray:
        if isinstance(a, Tensor):
            a = self.evaluate(a)
        return a if isinstance(a, np.ndarray) else np.array(a)

    # ---------------------------------------------------------------- close to each other

    def assertNear(self, f1: float, f2: float, err: float, msg: str | None = None) -> None:
        """Asserts |f1 - f2| <= err; equal infinities pass."""
        suffix = f" ({msg})" if msg is not None else ""
        self.assertTrue(f1 == f2 or abs(f1 - f2) <= err, f"{f1:f} != {f2:f} +/- {err:f}{suffix}")

    def assertArrayNear(self, farray1: Any, farray2: Any, err: float, msg: str | None = None) -> None:
        """Asserts assertNear of every pair of numbers."""
        self.assertEqual(len(farray1), len(farray2), msg=msg)
        for f1, f2 in zip(farray1, farray2, strict=True):
            self.assertNear(float(f1), float(f2), err, msg=msg)

    def assertNDArrayNear(self, ndarray1: Any, ndarray2: Any, err: float, msg: str | None = None) -> None:
        """Asserts that the Euclidean distance of two arrays is below `err`."""
        self.assertTrue(np.linalg.norm(ndarray1 - ndarray2) < err, msg=msg)

    def assertAllClose(self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None) -> None:
        """Asserts |a - b| <= atol + rtol |b| in arrays, tensors and structures (dict, namedtuple, list) of them.

        Raises: ValueError when one of a pair is a dict and the other is not, or when lists differ in length.
        """
        if _is_ragged(a) or _is_ragged(b):
            self._assert_ragged_close(a, b, rtol, atol, msg)
        else:
            self._assert_close(a, b, rtol, atol, [], msg or "")

    def _assert_close(self, a: Any, b: Any, rtol: float, atol: float, path: list[Any], msg: str) -> None:
        where = "".join(f"[{p}]" for p in path)
        a = a._asdict() if hasattr(a, "_asdict") else a
        b = b._asdict() if hasattr(b, "_asdict") else b
        if isinstance(a, Mapping) != isinstance(b, Mapping):
            raise ValueError(f"Can't compare dict to non-dict, a{where} vs b{where}. {msg}")
        mismatch = f"Mismatched value: a{where} is different from b{where}. {msg}"
        if isinstance(a, Mapping):
            keys = f"mismatched keys: a{where} has keys {a.keys()}, but b{where} has keys {b.keys()}. {msg}"
            self.assertCountEqual(a.keys(), b.keys(), msg=keys)
            for key in a:
                self._assert_close(a[key], b[key], rtol, atol, [*path, key], msg)
        elif isinstance(a, (list, tuple)):
            try:
                arrays = self._GetNdArray(a), self._GetNdArray(b)
                self._assert_arrays_close(*arrays, rtol, atol, mismatch)
            except (ValueError, TypeError) as not_one_array:
                if len(a) != len(b):
                    raise ValueError(
                        f"Mismatched length: a{where} has {len(a)} items, but b{where} has {len(b)} items. {msg}"
                    ) from not_one_array
                for i, (a_item, b_item) in enumerate(zip(a, b, strict=True)):
                    self._assert_close(a_item, b_item, rtol, atol, [*path, i], msg)
        else:
            try:
                self._assert_arrays_close(a, b, rtol, atol, mismatch)
            except TypeError as error:
                types = f"Error: a{where} has {type(a)}, but b{where} has {type(b)}. {msg}"
                error.args = (f"{error.args[0]} : {types}", *error.args[1:])
                raise

    def _assert_arrays_close(self, a: Any, b: Any, rtol: float, atol: float, msg: str | None) -> None:
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        contents = f" with contents {b}." if a.shape != b.shape and _small_enough_to_print(b) else "."
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}{contents}")
        if np.allclose(a, b, rtol=rtol, atol=atol):
            return
        far = np.logical_or(np.abs(a - b) > atol + rtol * np.abs(b), np.isnan(a) != np.isnan(b))
        lines = [msg]
        x, y = a, b
        if a.ndim:
            lines.append(f"not close where = {np.where(far)}")
            x, y = a[far], b[far]
        lines.append(f"not close lhs = {x}")
        lines.append(f"not close rhs = {y}")
        lines.append(f"not close dif = {np.abs(x - y)}")
        lines.append(f"not close tol = {atol + rtol * np.abs(y)}")
        lines.append(f"dtype = {a.dtype}, shape = {a.shape}")
        # NaN equals NaN here, though not in the comparison above: TF's tests rely on it.
        np.testing.assert_allclose(
            a, b, rtol=rtol, atol=atol, err_msg="\n".join(str(line) for line in lines), equal_nan=True
        )

    def assertAllCloseAccordingToType(
        self,
        a: Any,
        b: Any,
        rtol: float = 1e-6,
        atol: float = 1e-6,
        float_rtol: float = 1e-6,
        float_atol: float = 1e-6,
        half_rtol: float = 1e-3,
        half_atol: float = 1e-3,
        bfloat16_rtol: float = 1e-2,
        bfloat16_atol: float = 1e-2,
        msg: str | None = None,
    ) -> None:
        """assertAllClose with the tolerances of the coarser of the two types."""
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        found = {a.dtype, b.dtype}
        rows = [
            ({np.dtype(np.float32), np.dtype(np.complex64)}, float_rtol, float_atol),
            ({np.dtype(np.float16)}, half_rtol, half_atol),
        ]
        bfloat16 = np.dtype(dtypes.bfloat16.as_numpy_dtype)
        if bfloat16 != np.float32:  # what stands for bfloat16 where NumPy has no such type
            rows.append(({bfloat16}, bfloat16_rtol, bfloat16_atol))
        for types, type_rtol, type_atol in rows:
            if found & types:
                rtol, atol = max(rtol, type_rtol), max(atol, type_atol)
        self.assertAllClose(a, b, rtol=rtol, atol=atol, msg=msg)

    def assertNotAllClose(self, a: Any, b: Any, **kwargs: Any) -> None:
        """Asserts that assertAllClose fails."""
        try:
            self.assertAllClose(a, b, **kwargs)
        except AssertionError:
            return
        raise AssertionError("The two values are close at all elements")

    # ---------------------------------------------------------------- equal

    def assertAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Asserts equal shapes and values; NaN equals NaN."""
        if _is_ragged(a) or _is_ragged(b):
            self._assert_ragged_equal(a, b, msg)
            return
        msg = msg or ""
        a, b = self._GetNdArray(a), self._GetNdArray(b)
        contents = f" Contents: {b}. \n{msg}." if _small_enough_to_print(b) else f" {msg}"
        self.assertEqual(a.shape, b.shape, f"Shape mismatch: expected {a.shape}, got {b.shape}.{contents}")
        same = a == b
        if a.dtype in (np.float16, np.float32, np.float64, dtypes.bfloat16.as_numpy_dtype):
            same = np.logical_or(same, np.logical_and(np.isnan(a), np.isnan(b)))
        if np.all(same):
            return
        lines = [msg]
        x, y = a, b
        if a.ndim:
            different = np.where(np.logical_not(same))
            lines.append(f"not equal where = {different}")
            x, y = a[different], b[different]
        lines += [f"not equal lhs = {x}", f"not equal rhs = {y}"]
        np.testing.assert_array_equal(a, b, err_msg="\n".join(lines))

    def assertNotAllEqual(self, a: Any, b: Any, msg: str | None = None) -> None:
        """Asserts that assertAllEqual fails."""
        try:
            self.assertAllEqual(a, b, msg)
        except AssertionError:
            return
        raise AssertionError("The two values are equal at all elements")

    def assertShapeEqual(self, np_array: Any, tf_tensor: Any, msg: str | None = None) -> None:
        """Asserts that an array has the shape that is known of a tensor.

        Raises: TypeError when the arguments are not that.
        """
        if not isinstance(np_array, (np.ndarray, np.generic)):
            raise TypeError("np_array must be a Numpy ndarray or Numpy scalar")
        if not isinstance(tf_tensor, Tensor):
            raise TypeError("tf_tensor must be a Tensor")
        self.assertAllEqual(np_array.shape, tf_tensor.get_shape().as_list(), msg=msg)

    def assertDTypeEqual(self, target: Any, expected_dtype: Any) -> None:
        """Asserts the type of an array or of a tensor's value."""
        self.assertEqual(self._GetNdArray(target).dtype, expected_dtype)

    # ---------------------------------------------------------------- within bounds

    def assertAllGreater(self, a: Any, comparison_target: Any) -> None:
        """Asserts that every element is greater."""
        self.assertGreater(np.min(self._GetNdArray(a)), comparison_target)

    def assertAllLess(self, a: Any, comparison_target: Any) -> None:
        """Asserts that every element is less."""
        self.assertLess(np.max(self._GetNdArray(a)), comparison_target)

    def assertAllGreaterEqual(self, a: Any, comparison_target: Any) -> None:
        """Asserts that every element is greater or equal."""
        self.assertGreaterEqual(np.min(self._GetNdArray(a)), comparison_target)

    def assertAllLessEqual(self, a: Any, comparison_target: Any) -> None:
        """Asserts that every element is less or equal."""
        self.assertLessEqual(np.max(self._GetNdArray(a)), comparison_target)

    def assertAllInRange(
        self,
        target: Any,
        lower_bound: Any,
        upper_bound: Any,
        open_lower_bound: bool = False,
        open_upper_bound: bool = False,
    ) -> None:
        """Asserts that every element lies between the bounds, and that none is NaN."""
        target = self._GetNdArray(target)
        if not (np.issubdtype(target.dtype, np.floating) or np.issubdtype(target.dtype, np.integer)):
            raise AssertionError(
                f"The value of {target} does not have an ordered numeric type, instead it has type: {target.dtype}"
            )
        nan = np.where(np.isnan(target))
        if np.size(nan):
            raise AssertionError(
                f"{len(nan[0])} of the {np.size(target)} element(s) are NaN. "
                f"Subscripts(s) and value(s) of the NaN element(s):\n{_offending(nan, target)}"
            )
        below = np.less_equal(target, lower_bound) if open_lower_bound else np.less(target, lower_bound)
        above = np.greater_equal(target, upper_bound) if open_upper_bound else np.greater(target, upper_bound)
        outside = np.where(np.logical_or(below, above))
        if np.size(outside):
            interval = (
                f"{'(' if open_lower_bound else '['}{lower_bound}, {upper_bound}{')' if open_upper_bound else ']'}"
            )
            raise AssertionError(
                f"{len(outside[0])} of the {np.size(target)} element(s) are outside the range {interval}. "
                f"Subscript(s) and value(s) of the offending elements:\n{_offending(outside, target)}"
            )

    def assertAllInSet(self, target: Any, expected_set: Any) -> None:
        """Asserts that every element is one of a set."""
        other = np.setdiff1d(self._GetNdArray(target).flatten(), list(expected_set))
        if np.size(other):
            raise AssertionError(f"{np.size(other)} unique element(s) are not in the set {expected_set}: {other}")

    # ---------------------------------------------------------------- ragged

    def _as_python_list(self, a: Any) -> Any:
        if isinstance(a, Tensor) or isinstance(getattr(a, "flat_values", None), Tensor):
            a = self.evaluate(a)
        if _is_ragged(a):
            return a.to_list()
        return a.tolist() if isinstance(a, np.ndarray) else np.array(a).tolist()

    def _assert_same_ragged_rank(self, a: Any, b: Any, msg: str | None) -> None:
        if not isinstance(a, (list, tuple)) and not isinstance(b, (list, tuple)):
            self.assertEqual(getattr(a, "ragged_rank", 0), getattr(b, "ragged_rank", 0), msg)

    def _assert_ragged_equal(self, a: Any, b: Any, msg: str | None) -> None:
        self.assertEqual(self._as_python_list(a), self._as_python_list(b), msg)
        self._assert_same_ragged_rank(a, b, msg)

    def _assert_ragged_close(self, a: Any, b: Any, rtol: float, atol: float, msg: str | None) -> None:
        self._assert_lists_close(self._as_python_list(a), self._as_python_list(b), rtol, atol, msg, "value")
        self._assert_same_ragged_rank(a, b, msg)

    def _assert_lists_close(self, a: Any, b: Any, rtol: float, atol: float, msg: str | None, path: str) -> None:
        self.assertEqual(type(a), type(b))
        if isinstance(a, (list, tuple)):
            self.assertLen(a, len(b), f"Length differs for {path}")
            for i, (a_item, b_item) in enumerate(zip(a, b, strict=True)):
                self._assert_lists_close(a_item, b_item, rtol, atol, msg, f"{path}[{i}]")
        else:
            self._assert_close(a, b, rtol, atol, [path], msg or "")
