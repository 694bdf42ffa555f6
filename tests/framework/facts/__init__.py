"""What TF 1.15 answers: pairs of an expression and how its value prints, or `ErrorClass: message`.

Each json file has a Python file beside it with the names that its expressions use. The answers are
recorded by tools/record_framework_facts.py, which runs this package inside the oracle.
"""

import importlib
import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))

# Errors that Python or NumPy words itself, differently from version to version: only their class is compared.
_PYTHONS_OWN = re.compile(
    r"argument must be|invalid literal|unhashable|non-int|indices must be|index out of range|not supported between|"
    r"bad operand|missing \d|unexpected keyword|has no attribute|can't multiply|unsupported format|loop of ufunc|"
    r"not all arguments|modulo by zero|division by zero|object is not callable|unsupported operand(?!.*please use)|"
    r"must be a mapping"
)


def load(name):
    """The recorded [expression, answer] pairs of a file."""
    with open(os.path.join(HERE, name + ".json"), encoding="utf-8") as file:
        return json.load(file)


def names(name, *modules):
    """The names that a file's expressions use, given the modules under test."""
    return importlib.import_module("." + name.split("_v")[0], __name__).names(*modules)


def answer(expression, scope):
    """How the value of an expression prints, or its error."""
    try:
        return repr(eval(expression, scope))
    except Exception as error:
        message = str(error)
        return type(error).__name__ + ": " + ("..." if _PYTHONS_OWN.search(message) else message)
