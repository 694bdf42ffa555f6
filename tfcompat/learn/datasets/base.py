"""Data sets as tuples of arrays: read from CSV files, and fetched once from where they live.

Source: TF 1.15, contrib/learn/python/learn/datasets/base.py.
"""

from __future__ import annotations

import csv
import functools
import os
import random
import time
import urllib.error
import urllib.request
from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from tfcompat.platform import gfile

Dataset = namedtuple("Dataset", ["data", "target"])
Datasets = namedtuple("Datasets", ["train", "validation", "test"])

_TIMED_OUT = 110


def load_csv_with_header(filename: str, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> Dataset:
    """Features and targets of a CSV file whose first line starts with the numbers of samples and features."""
    with gfile.Open(filename) as file:
        rows = csv.reader(file)
        samples, features = (int(x) for x in next(rows)[:2])
        data = np.zeros((samples, features), dtype=features_dtype)
        target = np.zeros((samples,), dtype=target_dtype)
        for i, row in enumerate(rows):
            target[i] = np.asarray(row.pop(target_column), dtype=target_dtype)
            data[i] = np.asarray(row, dtype=features_dtype)
    return Dataset(data=data, target=target)


def load_csv_without_header(filename: str, target_dtype: Any, features_dtype: Any, target_column: int = -1) -> Dataset:
    """Features and targets of a CSV file without a first line of numbers."""
    data, target = [], []
    with gfile.Open(filename) as file:
        for row in csv.reader(file):
            target.append(row.pop(target_column))
            data.append(np.asarray(row, dtype=features_dtype))
    return Dataset(data=np.array(data), target=np.array(target, dtype=target_dtype))


def shrink_csv(filename: str, ratio: int) -> None:
    """Writes every `ratio`-th row of a CSV file to the file with `_small` in its name."""
    with gfile.Open(filename.replace(".", "_small."), "w") as small, gfile.Open(filename) as file:
        writer = csv.writer(small)
        for i, row in enumerate(csv.reader(file)):
            if i % ratio == 0:
                writer.writerow(row)


def retry(
    initial_delay: float,
    max_delay: float,
    factor: float = 2.0,
    jitter: float = 0.25,
    is_retriable: Callable[[Exception], bool] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Decorates a function that is called again after growing delays (in seconds) while it fails in a retriable way.

    Without `is_retriable` every exception is, and there is no waiting.
    Raises: ValueError for a factor below 1 or a jitter of 1 and above.
    """
    if factor < 1:
        raise ValueError(f"factor must be >= 1; was {factor:f}")
    if jitter >= 1:
        raise ValueError(f"jitter must be < 1; was {jitter:f}")

    def delays() -> Iterator[float]:
        delay = initial_delay
        while delay <= max_delay:
            yield delay * random.uniform(1 - jitter, 1 + jitter)
            delay *= factor

    def wrap(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            for delay in delays():
                try:
                    return function(*args, **kwargs)
                except Exception as error:
                    if is_retriable is None:
                        continue
                    if not is_retriable(error):
                        raise
                    time.sleep(delay)
            return function(*args, **kwargs)

        return wrapped

    return wrap


def _timed_out(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == _TIMED_OUT


@retry(initial_delay=1.0, max_delay=16.0, is_retriable=_timed_out)
def urlretrieve_with_retry(url: str, filename: str | None = None) -> Any:
    """urllib's urlretrieve, repeated when the connection times out."""
    return urllib.request.urlretrieve(url, filename)


def maybe_download(filename: str, work_directory: str, source_url: str) -> str:
    """The path of a file in a directory, into which it is downloaded unless it is there.

    Raises: OSError naming the file, the directory and the address when it is not there and cannot be downloaded.
    """
    if not gfile.Exists(work_directory):
        gfile.MakeDirs(work_directory)
    path = os.path.join(work_directory, filename)
    if not gfile.Exists(path):
        try:
            downloaded, _ = urlretrieve_with_retry(source_url)
        except (OSError, urllib.error.URLError) as error:
            raise OSError(
                f"{filename} is not in {os.path.abspath(work_directory)}, and downloading {source_url} failed: {error}"
            ) from error
        gfile.Copy(downloaded, path)
        print("Successfully downloaded", filename, gfile.GFile(path).size(), "bytes.")
    return path
