"""`python -m tfcompat run`: a program sees what it would see from Python."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tfcompat
from tfcompat import __main__ as main_module
from tfcompat import old_names

ROOT = str(Path(tfcompat.__file__).parents[1])

PROGRAM = """
import pickle, sys
import numpy as np
import tensorflow as tf

flags = tf.app.flags
FLAGS = flags.FLAGS
flags.DEFINE_integer("n", 3, "a number")

class Thing:
    pass

def main(argv):
    assert pickle.loads(pickle.dumps(Thing())).__class__ is Thing
    print(FLAGS.n, argv, __name__, __package__, __spec__, __file__ == sys.argv[0], np.int(3), [np.float64(1.5)])
    with tf.Session() as sess:
        print(sess.run(tf.constant([1, 2])))
    return 3

if __name__ == "__main__":
    tf.app.run()
"""


def python(*arguments, cwd):
    command = [sys.executable, *arguments]
    env = {"PYTHONPATH": ROOT, "PATH": "", "TMPDIR": str(cwd)}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, env=env, timeout=120, check=False)


def tfcompat_run(*arguments, cwd):
    return python("-m", "tfcompat", "run", *arguments, cwd=cwd)


def test_a_program(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(PROGRAM)
    done = tfcompat_run("--", str(script), "--n=7", "word", "--help_me=1", cwd=tmp_path)
    assert done.stdout.splitlines() == [
        f"7 ['{script}', 'word', '--help_me=1'] __main__ None None True 3 [1.5]",
        "[1 2]",
    ]
    assert done.returncode == 3


FAILING = """
import sys
print(sys.argv[1:], sys.path[0])
def fail(x):
    raise KeyError(x)
fail("key")
"""


def test_an_uncaught_exception_looks_as_from_python(tmp_path):
    below = tmp_path / "below"
    below.mkdir()
    (below / "script.py").write_text(FAILING)
    ours = tfcompat_run("below/script.py", "-m", "x", cwd=tmp_path)
    theirs = python("below/script.py", "-m", "x", cwd=tmp_path)
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)
    assert ours.returncode == 1 and "KeyError: 'key'" in ours.stderr


def test_a_module(tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "other.py").write_text("value = 5\n")
    (package / "__main__.py").write_text(
        "import sys\nfrom package.other import value\nfrom . import other\n"
        "print(value, __package__, __spec__.name, sys.argv, sys.path[0])\nsys.exit('bye')\n"
    )
    ours = tfcompat_run("-m", "package", "a", "--b", cwd=tmp_path)
    theirs = python("-m", "package", "a", "--b", cwd=tmp_path)
    assert (ours.stdout, ours.stderr, ours.returncode) == (theirs.stdout, theirs.stderr, theirs.returncode)
    assert ours.stdout.startswith("5 package package.__main__")


SILENT = """
import contextlib, io, signal, sys
from tfcompat.__main__ import main
for words in (["run", "nope.py"], ["run", "-m", "nope"], ["run"], ["run", "syntax.py"], ["run", "empty"]):
    with contextlib.redirect_stderr(io.StringIO()) as shown:
        try:
            status = main(words)
        except SystemExit as end:
            status = end.code
    print(status, shown.getvalue().strip().splitlines()[-1])
import collections, inspect
print(collections.Iterable.__name__, inspect.getargspec(lambda a, b=1: 0).args)
main(["run", "interrupted.py"])
"""


def test_what_cannot_run(tmp_path):
    (tmp_path / "syntax.py").write_text("print 1\n")
    (tmp_path / "interrupted.py").write_text("raise KeyboardInterrupt\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "driver.py").write_text(SILENT)
    done = python("driver.py", cwd=tmp_path)
    lines = done.stdout.splitlines()
    assert lines[0] == f"2 tfcompat run: can't open file '{tmp_path}/nope.py': [Errno 2] No such file or directory"
    assert lines[1] == "1 tfcompat run: No module named nope"
    assert lines[2] == "2 tfcompat run: which script? (python -m tfcompat run script.py)"
    assert lines[3].startswith("1 SyntaxError: Missing parentheses in call to 'print'")
    assert lines[4] == f"2 tfcompat run: can't find '__main__' module in '{tmp_path}/empty'"
    assert lines[5] == "Iterable ['a', 'b']"
    assert done.returncode == -2 and done.stderr.strip().endswith("KeyboardInterrupt")


def test_help_and_wrong_words(capsys):
    with pytest.raises(SystemExit) as ended:
        main_module.main(["--help"])
    assert ended.value.code == 0 and "run a script or module" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main_module.main(["run", "--help"])
    assert ended.value.code == 0 and "--no-old-names" in capsys.readouterr().out
    for words in (["walk"], [], ["run", "--walk", "x.py"]):
        with pytest.raises(SystemExit) as ended:
            main_module.main(words)
        assert ended.value.code == 2


def test_old_numpy_names_are_numpys_new_ones():
    names = old_names._numpy_names()
    assert names["product"] is np.prod and names["in1d"] is np.isin and names["float_"] is np.float64
    assert names["NINF"] == -np.inf and names["asscalar"](np.array([3])) == 3
    assert list(names["msort"](np.array([2, 1]))) == [1, 2] and names["asfarray"]([1]).dtype == np.float64
    kept = {"int": int}
    old_names._add(kept_module := type("M", (), kept), {"int": float, "float": float})
    assert (kept_module.int, kept_module.float) == (int, float)


def test_the_old_module_imp(tmp_path):
    source = tmp_path / "loaded.py"
    source.write_text("x = 4\n")
    try:
        assert old_names._imp().load_source("loaded_by_imp", str(source)).x == 4
    finally:
        sys.modules.pop("loaded_by_imp", None)
