"""`tf.flags`: absl's flags, with the two habits TF adds to them.

`FLAGS` parses `sys.argv` by itself the first time a flag is read, and the common DEFINE functions also take the
argument names of older TF versions (flag_name, default_value, docstring).

Source: TF 1.15, python/platform/flags.py.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable, Iterator
from typing import Any

from absl import flags as absl_flags

from tfcompat.framework.export import export_value

_OLD_ARGUMENT_NAMES = {"flag_name": "name", "default_value": "default", "docstring": "help"}

_TAKES_OLD_NAMES = ("DEFINE_string", "DEFINE_boolean", "DEFINE_float", "DEFINE_integer")

_AS_IN_ABSL = (
    "ArgumentParser",
    "ArgumentSerializer",
    "BaseListParser",
    "BooleanFlag",
    "BooleanParser",
    "CantOpenFlagFileError",
    "CsvListSerializer",
    "DEFINE",
    "DEFINE_alias",
    "DEFINE_enum",
    "DEFINE_enum_class",
    "DEFINE_flag",
    "DEFINE_list",
    "DEFINE_multi",
    "DEFINE_multi_enum",
    "DEFINE_multi_enum_class",
    "DEFINE_multi_float",
    "DEFINE_multi_integer",
    "DEFINE_multi_string",
    "DEFINE_spaceseplist",
    "DuplicateFlagError",
    "EnumClassFlag",
    "EnumClassListSerializer",
    "EnumClassParser",
    "EnumClassSerializer",
    "EnumFlag",
    "EnumParser",
    "Error",
    "Flag",
    "FlagHolder",
    "FlagNameConflictsWithMethodError",
    "FlagValues",
    "FloatParser",
    "IllegalFlagValueError",
    "IntegerParser",
    "ListParser",
    "ListSerializer",
    "MultiEnumClassFlag",
    "MultiFlag",
    "UnparsedFlagAccessError",
    "UnrecognizedFlagError",
    "ValidationError",
    "WhitespaceSeparatedListParser",
    "adopt_module_key_flags",
    "declare_key_flag",
    "disclaim_key_flags",
    "doc_to_help",
    "flag_dict_to_args",
    "get_help_width",
    "mark_bool_flags_as_mutual_exclusive",
    "mark_flag_as_required",
    "mark_flags_as_mutual_exclusive",
    "mark_flags_as_required",
    "multi_flags_validator",
    "override_value",
    "register_multi_flags_validator",
    "register_validator",
    "set_default",
    "text_wrap",
    "validator",
)

# absl attributes a flag to the module whose frame called DEFINE_*; the wrappers below must not count as that module.
absl_flags.disclaim_key_flags()


def _takes_old_names(define: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(define)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        old = [name for name in kwargs if name in _OLD_ARGUMENT_NAMES]
        for name in old:
            kwargs[_OLD_ARGUMENT_NAMES[name]] = kwargs.pop(name)
        if old:
            logging.warning(
                "Use of the keyword argument names (flag_name, default_value, docstring) is deprecated, "
                "please use (name, default, help) instead."
            )
        return define(*args, **kwargs)

    return wrapper


class _FlagValuesWrapper:
    """`tf.flags.FLAGS`: absl's flag values, which parse themselves when a flag is read too early."""

    def __init__(self, values: absl_flags.FlagValues) -> None:
        object.__setattr__(self, "_wrapped", values)

    def __getattribute__(self, name: str) -> Any:
        values = object.__getattribute__(self, "_wrapped")
        if name == "_wrapped":
            return values
        if name.startswith("__") or hasattr(type(values), name) or name in vars(values):
            return getattr(values, name)
        if not values.is_parsed():
            values(sys.argv)
        return getattr(values, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._wrapped, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self._wrapped, name)

    def __dir__(self) -> list[str]:
        return list(dir(self._wrapped))

    def __getitem__(self, name: str) -> Any:
        return self._wrapped[name]

    def __setitem__(self, name: str, flag: Any) -> None:
        self._wrapped[name] = flag

    def __contains__(self, name: str) -> bool:
        return name in self._wrapped

    def __len__(self) -> int:
        return len(self._wrapped)

    def __iter__(self) -> Iterator[str]:
        return iter(self._wrapped)

    def __str__(self) -> str:
        return str(self._wrapped)

    def __call__(self, *args: Any, **kwargs: Any) -> list[str]:
        return self._wrapped(*args, **kwargs)


FLAGS = _FlagValuesWrapper(absl_flags.FLAGS)

for _name in _AS_IN_ABSL:
    globals()[_name] = getattr(absl_flags, _name)
for _name in _TAKES_OLD_NAMES:
    globals()[_name] = _takes_old_names(getattr(absl_flags, _name))
DEFINE_bool = globals()["DEFINE_boolean"]

PUBLIC = ("FLAGS", "DEFINE_bool", *_TAKES_OLD_NAMES, *_AS_IN_ABSL)
for _name in PUBLIC:
    export_value(f"flags.{_name}", f"app.flags.{_name}")
