"""Files are written whole or not at all, and output that is lost is a short message."""

from __future__ import annotations

import errno
import os
import py_compile
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

pytest.importorskip("click")

from bytefig.tracer.cli import output_files  # noqa: E402
from bytefig.tracer.cli.output_files import refuse_source, save  # noqa: E402
from bytefig.tracer.errors import BadUsageError  # noqa: E402

posix = pytest.mark.skipif(os.name != "posix", reason="about files as POSIX has them")
MODEL = "class Dense:\n    def __init__(self, units, name=''): ...\ndef build(): return Dense(3)\n"


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "nets.py").write_text(MODEL)
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "__pycache__")


def test_new_and_old(tmp_path):
    file = tmp_path / "graph.json"
    for text in ("first\n", "two\nlines é\n", ""):
        save(file, text)
        assert file.read_bytes() == text.encode()
    assert names(tmp_path) == ["graph.json"]


@posix
def test_permissions_are_those_of_new_files_or_as_before(tmp_path):
    plain, file = tmp_path / "plain", tmp_path / "file"
    plain.write_text("")
    save(file, "new")
    assert file.stat().st_mode == plain.stat().st_mode
    for mode in (0o640, 0o600, 0o755):
        file.chmod(mode)
        save(file, "old")
        assert stat.S_IMODE(file.stat().st_mode) == mode


@posix
def test_links_stay_links(tmp_path):
    inside = tmp_path / "inside"
    inside.mkdir()
    link, loose, loop = tmp_path / "link", tmp_path / "loose", tmp_path / "loop"
    (inside / "file").write_text("old")
    link.symlink_to(inside / "file")
    loose.symlink_to("inside/new")
    loop.symlink_to(loop)
    for place in (link, loose):
        save(place, "text")
        assert place.is_symlink()
        assert place.read_text() == "text"
    assert names(inside) == ["file", "new"]
    with pytest.raises(BadUsageError, match="cannot write"):
        save(loop, "text")


@posix
@pytest.mark.needs_threads
def test_a_pipe_is_written_through(tmp_path):
    pipe, got = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_text()))
    reader.start()
    save(pipe, "text" * 100_000)
    reader.join(60)
    assert got == ["text" * 100_000]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize(
    "call", ["open", "write", "fsync", "replace", "fchmod"], ids=lambda name: f"os.{name}"
)
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt()])
@posix
def test_a_failure_leaves_the_old_file(tmp_path, monkeypatch, call, error):
    file = tmp_path / "file"
    file.write_text("old")

    def fails(*args, **kwargs):
        raise error

    monkeypatch.setattr(output_files.os, call, fails)
    with pytest.raises(BadUsageError if isinstance(error, OSError) else KeyboardInterrupt):
        save(file, "new")
    monkeypatch.undo()
    assert file.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_what_cannot_be_written(tmp_path):
    too_long = [] if sys.platform == "emscripten" else [tmp_path / ("n" * 300)]  # none is, there
    for file in (tmp_path, tmp_path / "no" / "file", tmp_path / "nul\0", *too_long):
        with pytest.raises(BadUsageError, match="cannot write"):
            save(file, "text")
    with pytest.raises(BadUsageError, match="surrogates not allowed"):
        save(tmp_path / "file", "\ud800")
    assert names(tmp_path) == []


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write all")
def test_a_read_only_file_stays(tmp_path):  # pragma: no cover - tests often run as root
    file = tmp_path / "file"
    file.write_text("old")
    file.chmod(0o444)
    with pytest.raises(BadUsageError, match="read-only"):
        save(file, "new")


def test_a_module_that_has_no_file_or_another(tmp_path):
    refuse_source(None, [sys, pytest])
    refuse_source(tmp_path / "absent", [sys, pytest])
    with pytest.raises(BadUsageError, match="is the source of pytest"):
        refuse_source(Path(pytest.__file__), [sys, pytest])


def command(folder, *words, to=subprocess.PIPE, before="", **variables):
    """Run the command in a process of its own; return its exit code, output and errors."""
    line = [sys.executable, "-m", "bytefig.tracer", *words]
    if before:
        line = ["sh", "-c", f'{before} exec "$@" {to}', "sh", *line]
        to = subprocess.PIPE
    done = subprocess.run(
        line, cwd=folder, stdout=to, stderr=subprocess.PIPE, env={**os.environ, **variables}
    )
    return done.returncode, (done.stdout or b"").decode(), done.stderr.decode()


@pytest.mark.needs_subprocess
@pytest.mark.parametrize(
    "words",
    [
        ("run", "nets.py:Dense", "--units=3", "--save=nets.py", "--dry-run"),
        ("show", "nets:build", "-o", "nets.py"),
        ("show", "nets:build", "-o", "link.py"),
        ("diff", "nets:build", "nets:Dense", "--html=nets.py"),
        ("profile", "nets:build", "--speedscope=nets.py"),
        ("profile", "nets:build", "--collapsed=./nets.py"),
    ],
)
@posix
def test_the_source_of_the_target_is_not_overwritten(folder, words):
    (folder / "link.py").symlink_to("nets.py")
    code, _, errors = command(folder, *words)
    assert code == 2
    assert "is the source of nets, which would be lost" in errors
    assert (folder / "nets.py").read_text() == MODEL


@pytest.mark.needs_subprocess
@posix
def test_standard_output_as_a_file(folder):
    log = folder / "log"
    log.write_text("before\n")
    code, _, errors = command(
        folder, *("show", "nets:build", "-fjson", "-o", "/dev/stdout"), before=":;", to=">> log"
    )
    assert (code, errors) == (0, "")
    assert log.read_text().startswith("before\n{")
    code, printed, _ = command(folder, "show", "nets:build", "-fjson", "-o", "/dev/stdout")
    assert code == 0
    assert log.read_text() == "before\n" + printed


@pytest.mark.needs_subprocess
@pytest.mark.parametrize(
    "words",
    [
        ("run", "--help"),
        ("run", "nets:build"),
        ("show", "nets:build"),
        ("profile", "nets:build", "--json"),
    ],
    ids=" ".join,
)
@posix
def test_a_lost_output_is_a_short_message(folder, words):
    reading, pipe = os.pipe()
    os.close(reading)
    full = os.open("/dev/full", os.O_WRONLY)
    for number, said in ((full, "No space left on device"), (pipe, "Broken pipe")):
        code, _, errors = command(folder, *words, to=number)
        os.close(number)
        assert (code, errors) == (2, f"bytefig: cannot print: {said}\n")
    code, _, errors = command(folder, *words, before=":;", to=">&-")
    if "--help" in words:  # click prints nothing where there is nothing to print to
        assert (code, errors) == (0, "")
    else:
        assert (code, errors) == (2, "bytefig: cannot print: it is closed\n")


@pytest.mark.needs_subprocess
@posix
def test_errors_that_nobody_can_be_told(folder):
    assert command(folder, "show", "nets:absent", before=":;", to="2> /dev/full") == (2, "", "")


@pytest.mark.needs_subprocess
def test_text_that_the_terminal_cannot_encode(folder):
    (folder / "nets.py").write_text(MODEL.replace("Dense(3)", "Dense(3, 'é')"), encoding="utf-8")
    for words in (
        ("show", "nets:build"),
        ("explain", "nets:build"),
        ("show", "nets:build", "-fyaml"),
    ):
        code, _, errors = command(folder, *words, PYTHONIOENCODING="ascii", PYTHONUTF8="0")
        if code:
            assert code == 2
            assert errors.splitlines() == [
                r"bytefig: cannot print: ascii, the encoding of standard output, has no '\xe9'",
                "  fix: set PYTHONIOENCODING=utf-8, or write to a file",
            ]
    code, _, _ = command(folder, "show", "nets:build", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert code == 2


@pytest.mark.needs_subprocess
def test_a_damaged_compiled_file(folder):
    good = Path(py_compile.compile(str(folder / "nets.py"), cfile=str(folder / "other.pyc")))
    data = good.read_bytes()
    for size in (0, 3, 12, 16, 20, 40, len(data) - 1):
        good.write_bytes(data[:size])
        for place in ("other.pyc:build", "other:build"):
            code, _, errors = command(folder, "show", place)
            assert code == 2, errors
            assert "is damaged" in errors or "another version of Python" in errors
            assert "Traceback" not in errors
    good.write_bytes(data[:16] + b"\xff" + data[17:])
    code, _, errors = command(folder, "show", "other.pyc:build")
    assert (code, errors.count("\n")) == (2, 2)


@pytest.mark.needs_subprocess
def test_an_error_of_the_module_itself_stays_its_own(folder):
    (folder / "bad.py").write_text("import nets\nraise ValueError('marshal of mine')\n")
    code, _, errors = command(folder, "show", "bad:build")
    assert code == 1
    assert errors.endswith("ValueError: marshal of mine\n")


@pytest.mark.needs_subprocess
def test_the_help_says_what_is_run(folder):
    _, printed, _ = command(folder, "run", "--help")
    assert "or from a .py file, which is run" in " ".join(printed.split())
    assert "is imported, and so run" in " ".join(printed.split())
