"""Public names of `tf.io.gfile`; written by tools/generate_api.py."""

from tfcompat.framework.export import namespace_getattr as _namespace_getattr
from tfcompat.platform.gfile import (
    GFile as GFile,
    copy_v2 as copy,
    file_exists_v2 as exists,
    get_matching_files_v2 as glob,
    is_directory_v2 as isdir,
    list_directory_v2 as listdir,
    recursive_create_dir_v2 as makedirs,
    create_dir_v2 as mkdir,
    delete_file_v2 as remove,
    rename_v2 as rename,
    delete_recursively_v2 as rmtree,
    stat_v2 as stat,
    walk_v2 as walk,
)

__all__ = [
    "GFile",
    "copy",
    "exists",
    "glob",
    "isdir",
    "listdir",
    "makedirs",
    "mkdir",
    "remove",
    "rename",
    "rmtree",
    "stat",
    "walk",
]

__getattr__ = _namespace_getattr("tf.io.gfile")
