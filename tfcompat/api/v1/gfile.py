"""Public names of `tf.gfile`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.platform.gfile import (
    copy as Copy,
    delete_recursively as DeleteRecursively,
    file_exists as Exists,
    FastGFile as FastGFile,
    GFile as GFile,
    get_matching_files as Glob,
    is_directory as IsDirectory,
    list_directory as ListDirectory,
    recursive_create_dir as MakeDirs,
    create_dir as MkDir,
    GFile as Open,
    delete_file as Remove,
    rename as Rename,
    stat as Stat,
    walk as Walk,
)

__all__ = [
    "Copy",
    "DeleteRecursively",
    "Exists",
    "FastGFile",
    "GFile",
    "Glob",
    "IsDirectory",
    "ListDirectory",
    "MakeDirs",
    "MkDir",
    "Open",
    "Remove",
    "Rename",
    "Stat",
    "Walk",
]

__getattr__ = _namespace_getattr("tf.gfile")
