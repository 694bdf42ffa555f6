"""HParams: hyperparameters with checked types. Source: TF 1.15, contrib/training/python/training/hparam.py."""

from __future__ import annotations

import json
import numbers
import re
from collections.abc import Callable, Mapping
from typing import Any

from tfcompat.framework.export import export

# name, name[index] = value or [values], then a comma or the end
_ASSIGNMENT = re.compile(
    r"(?P<name>[a-zA-Z][\w.]*)(\[\s*(?P<index>\d+)\s*\])?\s*=\s*((?P<val>[^,\[]*)|\[(?P<vals>[^\]]*)\])($|,\s*)"
)


def _bool(text: str) -> bool:
    if text in ("true", "True"):
        return True
    return False if text in ("false", "False") else bool(int(text))


def _cast(name: str, kind: type, value: Any) -> Any:
    """The value as the parameter's type. Raises ValueError where that would change what it means."""
    if type(value) is kind or issubclass(kind, type(None)):
        return value
    wrong = (
        (issubclass(kind, (str, bytes)) and not isinstance(value, (str, bytes)))
        or issubclass(kind, bool) != isinstance(value, bool)
        or (issubclass(kind, numbers.Integral) and not isinstance(value, numbers.Integral))
        or (issubclass(kind, numbers.Number) and not isinstance(value, numbers.Number))
    )
    if wrong:
        raise ValueError(f"Could not cast hparam '{name}' of type '{kind}' from value {value!r}")
    return kind(value)


@export("contrib.training.parse_values")
def parse_values(values: str, type_map: Mapping[str, type], ignore_unknown: bool = False) -> dict[str, Any]:
    """`a=1,b=[2,3],c[0]=4` -> {"a": 1, "b": [2, 3], "c": {0: 4}}, in the types that type_map names.

    Raises: ValueError for text of another form, values of other types, unknown names and repeated ones.
    """
    found: dict[str, Any] = {}
    position = 0
    while position < len(values):
        match = _ASSIGNMENT.match(values, position)
        if not match:
            raise ValueError(f"Malformed hyperparameter value: {values[position:]}")
        position = match.end()
        name = match["name"]
        if name in type_map:
            _add(found, match, type_map[name], values)
        elif not ignore_unknown:
            raise ValueError(f"Unknown hyperparameter type for {name}")
    return found


def _add(found: dict[str, Any], match: re.Match[str], kind: type, values: str) -> None:
    name, index = match["name"], match["index"]
    parse: Callable[[str], Any] = _bool if kind is bool else kind

    def parsed(text: str, shown: str) -> Any:
        try:
            return parse(text)
        except ValueError:
            raise ValueError(
                f"Could not parse hparam '{name}' of type '{kind.__name__}' with value '{shown}' in {values}"
            ) from None

    def once(known: Mapping[Any, Any], key: Any, shown: str) -> None:
        if key in known:
            raise ValueError(f"Multiple assignments to variable '{shown}' in {values}")

    if match["val"] is None:
        if index is not None:
            raise ValueError("Assignment of a list to a list index.")
        once(found, name, name)
        found[name] = [parsed(text, match["vals"]) for text in re.split("[ ,]", match["vals"]) if text]
        return
    value = parsed(match["val"], match["val"])
    if not index:
        once(found, name, name)
        found[name] = value
        return
    if not isinstance(found.get(name, {}), dict):
        once(found, name, name)
    once(found.get(name, {}), int(index), f"{name}[{int(index)}]")
    found.setdefault(name, {})[int(index)] = value


@export("contrib.training.HParams")
class HParams:
    """Named hyperparameters, each an attribute; what a value starts as settles its type.

    Raises: ValueError for a name that is taken and for an empty list.
    """

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any) -> None:
        if hparam_def:
            raise NotImplementedError("HParams from a HParamDef message is not supported; pass the values by name")
        self._hparam_types: dict[str, tuple[type, bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """Adds a parameter: one value, or a list of values of one type."""
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        many = isinstance(value, (list, tuple))
        if many and not value:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._hparam_types[name] = (type(value[0]), True) if many else (type(value), False)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Gives a parameter another value of its type. Raises KeyError for an unknown name, ValueError for a misfit."""
        kind, many = self._hparam_types[name]
        if isinstance(value, list) and not many:
            raise ValueError(f"Must not pass a list for single-valued parameter: {name}")
        if many and not isinstance(value, list):
            raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
        setattr(self, name, [_cast(name, kind, v) for v in value] if many else _cast(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Removes a parameter, if there is one of that name."""
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Sets what the text `name=value,...` names."""
        return self.override_from_dict(parse_values(values, {n: kind for n, (kind, _) in self._hparam_types.items()}))

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        """Sets the parameters in the dict."""
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def set_from_map(self, values_map: Mapping[str, Any]) -> HParams:
        """The same as `override_from_dict`."""
        return self.override_from_dict(values_map)

    def set_model_structure(self, model_structure: Any) -> None:
        """Keeps an object that describes the model."""
        self._model_structure = model_structure

    def get_model_structure(self) -> Any:
        """The object that describes the model."""
        return self._model_structure

    def to_json(self, indent: Any = None, separators: Any = None, sort_keys: bool = False) -> str:
        """The values as JSON."""
        return json.dumps(self.values(), indent=indent, separators=separators, sort_keys=sort_keys)

    def parse_json(self, values_json: str) -> HParams:
        """Sets what the JSON object names."""
        return self.override_from_dict(json.loads(values_json))

    def values(self) -> dict[str, Any]:
        """Name -> value."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key: str, default: Any = None) -> Any:
        """The value, or the default where there is no such parameter. Raises ValueError for a default of another type."""
        if key not in self._hparam_types:
            return default
        if default is not None:
            kind, many = self._hparam_types[key]
            shown = f"list<{kind}>" if many else str(kind)
            text = f"Hparam '{key}' of type '{shown}' is incompatible with default={default}"
            if many != isinstance(default, list):
                raise ValueError(text)
            try:
                for value in default if many else [default]:
                    _cast(key, kind, value)
            except ValueError as cause:
                raise ValueError(f"{text}. {cause}") from cause
        return getattr(self, key)

    def __contains__(self, key: str) -> bool:
        return key in self._hparam_types

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.values().items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.values().items())})"
