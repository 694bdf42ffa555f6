"""`tf.resource_loader`: paths of data files next to a program.

Source: TF 1.15, python/platform/resource_loader.py.
"""

from __future__ import annotations

import inspect
import os
import sys
from types import FrameType

from tfcompat.framework.export import export

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def _directory_of(frame: FrameType) -> str:
    return os.path.dirname(inspect.getfile(frame))


@export("resource_loader.load_resource")
def load_resource(path: str) -> bytes:
    """The bytes of a file named relative to the package's root.

    Raises: IOError when it cannot be read.
    """
    with open(os.path.join(_ROOT, path), "rb") as f:
        return f.read()


@export("resource_loader.get_data_files_path")
def get_data_files_path() -> str:
    """The directory of the calling module."""
    return _directory_of(sys._getframe(1))


@export("resource_loader.get_root_dir_with_all_resources")
def get_root_dir_with_all_resources() -> str:
    """The directory below a bazel `.runfiles` directory that holds the package's module, else the module's own."""
    script_dir = get_data_files_path()
    inside, directory = "", script_dir
    while ".runfiles" not in os.path.basename(directory):
        inside, directory = directory, os.path.dirname(directory)
        if inside == directory:
            return script_dir
    return inside or script_dir


@export("resource_loader.get_path_to_datafile")
def get_path_to_datafile(path: str) -> str:
    """`path` taken relative to the directory of the calling module."""
    return os.path.join(_directory_of(sys._getframe(1)), path)


@export("resource_loader.readahead_file_path")
def readahead_file_path(path: str, readahead: str = "128M") -> str:
    """`path` itself: nothing is read ahead."""
    return path
