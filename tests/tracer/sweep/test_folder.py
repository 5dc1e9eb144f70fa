"""The folder of a sweep, and whom it is trusted by."""

import json
import os
import shutil
import sys

import pytest

from bytefig.configs import Config
from bytefig.tracer.sweep import Folder, FolderError, SweepError, sweep
from bytefig.tracer.sweep.folder import SweepRecord, is_folder
from bytefig.tracer.sweep.grants import is_granted
from bytefig.tracer.sweep.trials import Trials


def made(swept, out, hidden=(1, 2), **more):
    graph = Config(swept.main, Config(swept.Model), **more)
    return sweep(graph, {"model.hidden": [*hidden]}).save(out)


def test_what_is_in_a_folder(swept, tmp_path):
    folder = made(swept, tmp_path / "runs" / "a")
    record = folder.record
    assert record.allow == ("to_sweep",) and record.cwd == str(tmp_path)
    assert str(tmp_path) in record.search and sys.prefix not in record.search
    assert record.points == {"mode": "grid", "axes": {"model.hidden": [1, 2]}}
    (first, second) = folder.ledger().entries
    assert sorted(os.listdir(folder.trial(first))) == ["graph.json", "point.json"]
    assert json.loads((folder.trial(second) / "point.json").read_text()) == {"model.hidden": 2}
    assert sorted(os.listdir(folder.root)) == ["journal", "sweep.json", "trials"]


def test_a_longer_axis_adds_what_is_new(swept, tmp_path):
    folder = made(swept, tmp_path / "a")
    before = {name: os.stat(folder.graph_file(name)).st_ino for name in folder.ledger().entries}
    made(swept, tmp_path / "a", hidden=(2, 1, 3, 3))
    after = {name: os.stat(folder.graph_file(name)).st_ino for name in folder.ledger().entries}
    assert len(after) == 3 and before.items() <= after.items()


def test_a_folder_of_another_graph_is_left_alone(swept, tmp_path):
    folder = made(swept, tmp_path / "a")
    with pytest.raises(FolderError, match="another graph"):
        made(swept, tmp_path / "a", hidden=[9], seed=3)
    assert len(folder.ledger().entries) == 2
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match="is a file"):
        made(swept, tmp_path / "file")


def test_nothing_is_written_if_a_point_is_wrong(swept, tmp_path):
    with pytest.raises(SweepError):
        made(swept, tmp_path / "a", hidden=[1, "x"])
    assert not (tmp_path / "a").exists()


def test_a_folder_that_was_only_begun_is_made_whole_by_the_same_command(
    swept, tmp_path, monkeypatch
):
    writes = os.rename

    def breaks(*names):
        monkeypatch.setattr(os, "rename", lambda *_: pytest.fail("twice"))
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "rename", breaks)
    with pytest.raises(KeyboardInterrupt):
        made(swept, tmp_path / "a")
    assert not is_folder(tmp_path / "a")
    with pytest.raises(FolderError, match="not the folder of a sweep"):
        Folder.at(tmp_path / "a")
    monkeypatch.setattr(os, "rename", writes)
    folder = made(swept, tmp_path / "a")
    assert len(Folder.at(folder.root).ledger().entries) == 2


def test_a_trial_that_is_there_but_in_no_journal(swept, tmp_path):
    folder = made(swept, tmp_path / "a")
    shutil.rmtree(folder.root / "journal")
    (folder.root / "journal").mkdir()
    assert folder.ledger().entries == {}
    made(swept, tmp_path / "a")
    assert len(folder.ledger().entries) == 2


def test_a_folder_that_came_from_elsewhere_is_not_trusted(swept, tmp_path):
    folder = made(swept, tmp_path / "a")
    assert folder.allowed(()) == ["to_sweep"]
    assert folder.surroundings() == (str(tmp_path), folder.record.search)
    shutil.copytree(folder.root, tmp_path / "b")
    copied = Folder.at(tmp_path / "b")
    with pytest.raises(FolderError, match="--allow-import to_sweep"):
        copied.allowed(())
    with pytest.raises(FolderError, match="name to_sweep"):
        copied.allowed(["json"])
    assert copied.allowed(["to_sweep"]) == ["to_sweep"]
    assert copied.allowed(["to_sweep.*"]) == ["to_sweep.*"]
    assert copied.surroundings() == (None, ())
    with pytest.raises(FolderError, match="was not made by you"):
        made(swept, copied.root)
    assert not is_granted(copied.root, copied.record.wanted)
    assert copied.allowed_if_trusted(["json"]) == ["json"]


def test_a_folder_that_wants_more_than_before_is_asked_about(swept, tmp_path):
    folder = made(swept, tmp_path / "a")
    file = folder.root / "sweep.json"
    said = json.loads(file.read_text())
    for changed in ({"allow": ["to_sweep", "os"]}, {"search": ["/tmp/evil"]}, {"cwd": "/"}):
        file.write_text(json.dumps({**said, **changed}))
        with pytest.raises(FolderError, match="was not made by you"):
            folder.allowed(())
    file.write_text(json.dumps(said))
    assert folder.allowed(()) == ["to_sweep"]


def test_a_user_without_a_home_is_asked_again(swept, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    folder = made(swept, tmp_path / "a")
    with pytest.raises(FolderError, match="was not made by you"):
        folder.allowed(())


def test_a_graph_that_was_changed_is_not_run(swept, tmp_path):
    folder = made(swept, tmp_path / "a")
    name = next(iter(folder.ledger().entries))
    file = folder.graph_file(name)
    file.write_text(file.read_text().replace("to_sweep:main", "os:system"))
    with pytest.raises(FolderError, match="was changed"):
        folder.graph_file(name)
    file.unlink()
    with pytest.raises(FolderError, match="has no graph"):
        folder.graph_file(name)


@pytest.mark.parametrize(
    "text, said",
    [
        ("{", "is not the file of a sweep"),
        ('{"format": "bytefig.sweep", "version": 2}', "later version"),
        ('{"format": "bytefig.sweep", "version": 1}', "is not the file of a sweep"),
    ],
)
def test_a_file_that_is_none(tmp_path, text, said):
    (tmp_path / "sweep.json").write_text(text)
    with pytest.raises(FolderError, match=said):
        Folder.at(tmp_path).record  # noqa: B018


def test_ids_by_their_beginning(swept, tmp_path):
    folder = made(swept, tmp_path / "a", hidden=range(20))
    names = list(folder.ledger().entries)
    assert folder.find(names[3]) == folder.find(names[3][:12]) == names[3]
    with pytest.raises(FolderError, match="20 trials whose id begins with ''"):
        folder.find("")
    with pytest.raises(FolderError, match="no trial"):
        folder.find("x")


def test_a_record_of_functions_by_value():
    pytest.importorskip("cloudpickle")
    found = sweep(Config(lambda seed: seed, 0), {"seed": [1]})
    found.check()
    record = SweepRecord.of(found)
    assert record.base == "" and record.allow == ("pickle",)
    assert isinstance(found, Trials)
