"""Names that the expressions of nest.json use. Runs in 1.15's Python 3.7 too."""

import collections
import collections.abc
import types

import numpy as np


def names(nest):
    NT = collections.namedtuple("NT", "a b", module="__main__")
    NT2 = collections.namedtuple("NT", "a b", module="__main__")
    NT3 = collections.namedtuple("NX", "a b", module="__main__")
    NT4 = collections.namedtuple("NT", "a c", module="__main__")
    OD = collections.OrderedDict
    f, p, m, a = nest.flatten, nest.pack_sequence_as, nest.map_structure, nest.assert_same_structure

    class SubNT(NT):
        pass

    class LL(list):
        pass

    class Showing:
        """Shown as `ClassName(data)`."""

        def __repr__(self):
            return "{}({!r})".format(type(self).__name__, self.data)  # noqa: UP032

        def __getitem__(self, key):
            return self.data[key]

        def __len__(self):
            return len(self.data)

    class MyMap(Showing, collections.abc.Mapping):
        def __init__(self, data):
            self.data = dict(data)

        def __iter__(self):
            return iter(self.data)

    class MySeq(Showing, collections.abc.Sequence):
        def __init__(self, data):
            self.data = list(data)

    class A:
        """What attr.s would make, as far as nest looks."""

        __attrs_attrs__ = (types.SimpleNamespace(name="x"), types.SimpleNamespace(name="y"))

        def __init__(self, x, y):
            self.x = x
            self.y = y

        def __repr__(self):
            return "{}(x={!r}, y={!r})".format(type(self).__name__, self.x, self.y)  # noqa: UP032

    class B(A):
        pass

    class OneShot:
        """Can be iterated and is no sequence."""

        def __iter__(self):
            return iter([1])

        def __repr__(self):
            return "OneShot"

    dd = collections.defaultdict(list, b=1, a=2)
    return dict(locals(), np=np, collections=collections, types=types)
