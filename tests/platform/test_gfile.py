"""Files as TF 1.15.0 handles them; the results and messages were recorded from it."""

from __future__ import annotations

import os

import pytest

from tfcompat.framework import errors
from tfcompat.platform import gfile as g


@pytest.fixture(autouse=True)
def directory(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.txt").write_text("one\ntwo\n\nfour")
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir" / "x").write_text("x")
    (tmp_path / "bin").write_bytes(bytes(range(256)))
    return tmp_path


def open_and(mode, *calls, name="a.txt"):
    with g.GFile(name, mode) as f:
        return [getattr(f, call)(*args) for call, *args in calls]


READS = [
    ("rb", [("read",)], [b"one\ntwo\n\nfour"]),
    ("r", [("read", 3), ("read",), ("read",), ("readline",)], ["one", "\ntwo\n\nfour", "", ""]),
    ("r", [("read", 100)], ["one\ntwo\n\nfour"]),
    ("rb", [("readlines",)], [[b"one\n", b"two\n", b"\n", b"four"]]),
    (
        "r",
        [("readline",), ("tell",), ("read", 2), ("tell",), ("seek", -3, 2), ("read",)],
        ["one\n", 4, "tw", 6, None, "our"],
    ),
    ("r", [("seek", 2), ("seek", 2, 1), ("read", 3), ("size",), ("seekable",)], [None, None, "two", 13, True]),
    ("r", [("seek", None, 0, 4), ("readline",)], [None, "two\n"]),
]


@pytest.mark.parametrize("mode, calls, expected", READS)
def test_reading(mode, calls, expected):
    assert open_and(mode, *calls) == expected


def test_iterating():
    assert list(g.GFile("a.txt")) == ["one\n", "two\n", "\n", "four"]
    with pytest.raises(StopIteration):
        open_and("r", ("read",), ("next",))


def test_a_file_opens_at_its_first_write(directory):
    f = g.GFile("new", "w")
    assert not os.path.exists("new")
    f.write("hé")
    assert os.path.exists("new")
    f.flush()
    assert (f.tell(), (directory / "new").read_bytes()) == (3, b"h\xc3\xa9")
    f.close()
    g.GFile("never", "w").close()
    assert not os.path.exists("never")


WRITES = [
    ("a", [("write", b"zz"), ("tell",)], [None, 15], b"one\ntwo\n\nfourzz"),
    ("w", [("write", "zz"), ("tell",)], [None, 2], b"zz"),
    ("w+", [("write", "hi\nho"), ("flush",), ("readline",), ("read",)], [None, None, "hi\n", "ho"], b"hi\nho"),
    ("a+", [("write", "+"), ("flush",), ("seek", 9), ("read",)], [None, None, None, "four+"], b"one\ntwo\n\nfour+"),
    ("r+", [("read", 3), ("write", "QQ"), ("tell",)], ["one", None, 3], b"QQ"),
]


@pytest.mark.parametrize("mode, calls, expected, content", WRITES)
def test_writing(mode, calls, expected, content, directory):
    assert open_and(mode, *calls) == expected
    assert (directory / "a.txt").read_bytes() == content


def test_writing_after_close_starts_over():
    f = g.GFile("new", "w")
    for text in "ab":
        f.write(text)
        f.close()
    assert g.read_file_to_string("new") == "b"


NOT_FOUND, PRECONDITION, EXISTS = errors.NotFoundError, errors.FailedPreconditionError, errors.AlreadyExistsError
INVALID, DENIED, NONE = errors.InvalidArgumentError, errors.PermissionDeniedError, "nope; No such file or directory"
ERRORS = [
    (lambda: g.GFile("nope").read(), NOT_FOUND, NONE),
    (lambda: g.GFile("nope").size(), NOT_FOUND, NONE),
    (lambda: g.GFile("nope", "r+").read(), NOT_FOUND, NONE),
    (lambda: g.GFile("dir").read(), PRECONDITION, "dir; Is a directory"),
    (lambda: g.GFile("dir", "w").write("x"), PRECONDITION, "dir; Is a directory"),
    (lambda: g.GFile("nodir/x", "w").write("x"), NOT_FOUND, "nodir/x; No such file or directory"),
    (lambda: g.GFile("a.txt", "x"), INVALID, "mode is not 'r' or 'w' or 'a' or 'r+' or 'w+' or 'a+'"),
    (lambda: g.GFile("a.txt").write("x"), DENIED, "File isn't open for writing"),
    (lambda: g.GFile("new", "w").read(), DENIED, "File isn't open for reading"),
    (lambda: g.GFile("a.txt").seek(), TypeError, "seek(): offset argument required"),
    (
        lambda: g.GFile("a.txt").seek(1, position=2),
        TypeError,
        "seek(): offset and position may not be set simultaneously.",
    ),
    (lambda: g.GFile("a.txt").seek(0, 5), INVALID, "Invalid whence argument: 5. Valid values are 0, 1, or 2."),
    (lambda: g.GFile("a.txt").seek(-1), INVALID, "Seeking to a negative position: -1"),
    (lambda: g.GFile("a.txt").seek(1000), errors.OutOfRangeError, "reached end of file"),
    (lambda: g.GFile("new", "w").write(3), TypeError, "Expected binary or unicode string, got 3"),
    (lambda: g.Exists(None), TypeError, "Expected binary or unicode string, got None"),
    (lambda: g.Remove("nope"), NOT_FOUND, NONE),
    (lambda: g.Remove("dir"), PRECONDITION, "dir; Is a directory"),
    (lambda: g.Glob("nodir/*"), NOT_FOUND, "nodir; No such file or directory"),
    (lambda: g.Glob(b"a*"), TypeError, "Expected binary or unicode string, got 97"),
    (lambda: g.MkDir("m2/m3"), NOT_FOUND, "m2/m3; No such file or directory"),
    (lambda: g.MakeDirs("a.txt/b"), PRECONDITION, "a.txt/b; Not a directory"),
    (lambda: g.ListDirectory("a.txt"), NOT_FOUND, "Could not find directory a.txt"),
    (lambda: g.Copy("a.txt", "bin"), EXISTS, "file already exists"),
    (lambda: g.Copy("nope", "new"), NOT_FOUND, NONE),
    (lambda: g.Copy("a.txt", "nodir/d"), NOT_FOUND, "nodir/d; No such file or directory"),
    (lambda: g.Copy("dir", "d2"), INVALID, "d2; Invalid argument"),
    (lambda: g.Copy("a.txt", "dir", True), PRECONDITION, "dir; Is a directory"),
    (lambda: g.Rename("a.txt", "bin"), EXISTS, "file already exists"),
    (lambda: g.Rename("nope", "new"), NOT_FOUND, NONE),
    (lambda: g.Rename("bin", "dir", True), PRECONDITION, "bin; Is a directory"),
    (lambda: g.DeleteRecursively("nope"), NOT_FOUND, "nope not found"),
    (lambda: g.DeleteRecursively("bin"), PRECONDITION, "bin; Not a directory"),
    (lambda: g.Stat("nope"), NOT_FOUND, NONE),
    (lambda: g.Stat(""), NOT_FOUND, "; No such file or directory"),
    (
        lambda: g.Exists("xx://b/a"),
        errors.UnimplementedError,
        "File system scheme 'xx' not implemented (file: 'xx://b/a')",
    ),
]


@pytest.mark.parametrize("action, error, message", ERRORS)
def test_errors(action, error, message):
    with pytest.raises(error) as caught:
        action()
    assert type(caught.value) is error
    assert str(caught.value) == message


GLOBS = [
    ("*", ["./a.txt", "./bin", "./dir"]),
    ("./a*", ["./a.txt"]),
    ("a.txt", ["./a.txt"]),
    ("d*/x", ["./dir/x"]),
    ("*/*", ["./dir/x"]),
    ("dir/*", ["dir/x"]),
    ("[ab]*", ["./a.txt", "./bin"]),
    ("[!ab]*", ["./dir"]),
    ("?in", ["./bin"]),
    (r"\?in", []),
    ("**", ["./a.txt", "./bin", "./dir"]),
    ("dir/**", ["dir/x"]),
    ("{a,b}*", []),
    ("nope*", []),
    ("", []),
    (["a*", "dir/*"], ["./a.txt", "dir/x"]),
]


@pytest.mark.parametrize("pattern, expected", GLOBS)
def test_glob(pattern, expected):
    assert g.Glob(pattern) == expected


def test_hidden_files_match(directory):
    (directory / ".hidden").touch()
    assert g.Glob("*") == ["./.hidden", "./a.txt", "./bin", "./dir"]
    assert g.Glob(f"{directory}/.*") == [f"{directory}/.hidden"]
    assert g.Glob(f"file://{directory}/a*") == [f"file://{directory}/a.txt"]


def test_files_and_directories(directory):
    assert [g.Exists(x) for x in ("a.txt", "dir", "nope", "", b"a.txt", f"file://{directory}/bin")] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]
    assert [g.IsDirectory(x) for x in ("a.txt", "dir", "nope", "")] == [False, True, False, False]
    g.MkDir("m1")
    g.MkDir("m1")
    g.MakeDirs("m2/m3/m4")
    g.MakeDirs("m2/m3/m4")
    g.MakeDirs("")
    g.Copy("a.txt", "m2/c")
    g.Copy("bin", "m2/c", overwrite=True)
    g.Rename("m2/c", "m2/m3/r")
    g.Remove("a.txt")
    assert list(g.Walk("m2")) == [("m2", ["m3"], []), ("m2/m3", ["m4"], ["r"]), ("m2/m3/m4", [], [])]
    assert [top for top, _, _ in g.Walk("m2", in_order=False)] == ["m2/m3/m4", "m2/m3", "m2"]
    assert sorted(g.ListDirectory(".")) == ["bin", "dir", "m1", "m2"]
    assert g.filecmp("bin", "m2/m3/r")
    g.DeleteRecursively("m2")
    assert not g.Exists("m2")


def test_walk_of_a_missing_directory():
    seen = []
    assert list(g.walk_v2("nope", onerror=seen.append)) == []
    assert [type(e) for e in seen] == [errors.NotFoundError]


def test_stat(directory):
    found = g.Stat("a.txt")
    assert (found.length, found.is_directory) == (13, False)
    assert found.mtime_nsec == int(os.stat("a.txt").st_mtime) * 10**9
    assert g.Stat("dir").is_directory


def test_helpers_of_file_io():
    assert g.read_file_to_string("a.txt", binary_mode=True) == b"one\ntwo\n\nfour"
    assert g.file_crc32("a.txt") == "0xfdbfe8b6"
    g.atomic_write_string_to_file("new", "text")
    with pytest.raises(errors.AlreadyExistsError):
        g.atomic_write_string_to_file("new", "other", overwrite=False)
    assert (g.read_file_to_string("new"), g.Glob("new*")) == ("text", ["./new"])
