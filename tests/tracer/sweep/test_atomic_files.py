"""Files that are there whole, or not at all."""

import errno
import os

import pytest

from bytefig.tracer.sweep import atomic_files


def test_a_file_is_replaced_and_nothing_is_left(tmp_path):
    file = tmp_path / "a.json"
    atomic_files.replace(file, "1")
    atomic_files.replace(file, b"{}")
    assert file.read_text() == "{}" and os.listdir(tmp_path) == ["a.json"]


def test_one_of_several_makes_a_file(tmp_path):
    file = tmp_path / "a.json"
    assert atomic_files.create(file, "1", sync=True)
    assert not atomic_files.create(file, "2")
    assert file.read_text() == "1" and os.listdir(tmp_path) == ["a.json"]


def test_a_file_system_without_second_names(tmp_path, monkeypatch):
    def refuse(*_):
        raise OSError(errno.EPERM, "no links")

    monkeypatch.setattr(os, "link", refuse, raising=False)
    file = tmp_path / "a.json"
    assert atomic_files.create(file, "1")
    assert not atomic_files.create(file, "2")
    assert file.read_text() == "1" and os.listdir(tmp_path) == ["a.json"]


@pytest.mark.parametrize("write", [atomic_files.replace, atomic_files.create])
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, write):
    file = tmp_path / "a.json"
    if write is atomic_files.replace:
        file.write_text("old")

    def full(number, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(OSError, match="No space left"):
        write(file, "new")
    assert os.listdir(tmp_path) == (["a.json"] if write is atomic_files.replace else [])


@pytest.mark.parametrize("name", ["replace", "link"])
def test_an_error_at_the_end_leaves_nothing_beside(tmp_path, monkeypatch, name):
    def fails(*_):
        raise OSError(errno.EIO, "broken")

    if not hasattr(os, name):
        pytest.skip("there is nothing of that name")
    monkeypatch.setattr(os, name, fails)
    write = atomic_files.replace if name == "replace" else atomic_files.create
    with pytest.raises(OSError, match="broken"):
        write(tmp_path / "a", "1")
    assert os.listdir(tmp_path) == []


def test_objects_that_are_not_there_or_not_whole(tmp_path):
    file = tmp_path / "a.json"
    assert atomic_files.read_object(file) == {}
    for text, found in (('{"a": 1}', {"a": 1}), ('{"a"', {}), ("[1]", {}), ("", {})):
        file.write_text(text)
        assert atomic_files.read_object(file) == found
    assert atomic_files.read_object(file / "b") == {}
