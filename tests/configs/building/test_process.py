"""Nobody's process is changed, and a build leaves nothing behind that a later one stumbles over."""

import copy
import gc
import os
import pathlib
import re
import sys
import threading
import warnings

import pytest

from bytefig import configs, tracer
from bytefig.configs import (
    Config,
    NestedBuildError,
    build,
    dump_json,
    independent_build,
    load_json,
)
from bytefig.configs.building import builder as building
from bytefig.tracer import auto_config, exempt
from bytefig.tracer.values import parse_value


def settings():
    """Return what a program has set for its whole process, or thread."""
    return {
        "collector": (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
        "recursion": sys.getrecursionlimit(),
        "switches": sys.getswitchinterval(),
        "profile": sys.getprofile(),
        "filters": list(warnings.filters),
        "hooks": (sys.excepthook, sys.displayhook, sys.unraisablehook, threading.excepthook),
        "modules": (list(sys.path), list(sys.meta_path), list(sys.path_hooks)),
        "environment": (dict(os.environ), pathlib.Path.cwd()),
    }


class Noting:
    """Notes the settings while it is made and while it is copied."""

    def __init__(self, seen=()):
        self.seen = [*seen, settings()]

    def __deepcopy__(self, memo):
        return Noting(self.seen)


@pytest.fixture
def seldom():
    """Set the collector as nobody else does."""
    before = gc.get_threshold()
    gc.set_threshold(1234, 11, 12)
    yield
    gc.set_threshold(*before)


@pytest.mark.usefixtures("seldom")
def test_nothing_is_set_while_a_graph_is_made_built_copied_and_loaded():
    before, frozen = settings(), gc.get_freeze_count()

    @auto_config(experimental_allow_control_flow=True)
    def noted():
        return [Noting([exempt(settings)()]) for _ in range(2)]

    graph = noted.as_buildable()
    assert graph[0].seen == [before]
    assert [made.seen for made in build(graph)] == [[before, before]] * 2
    copied = copy.deepcopy(Config(dict, a=[Noting()], b=(Noting(),)))
    assert [made.seen for made in (*copied.a, *copied.b)] == [[before, before]] * 2
    load_json(dump_json(Config(dict, a=[1])))
    parse_value("[1, {2: 3}]")
    assert settings() == before
    assert gc.get_freeze_count() <= frozen  # what the suite froze may be freed meanwhile


@pytest.mark.parametrize("half", [configs, tracer], ids=["configs", "tracer"])
def test_no_module_can_set_anything(half):
    """In the text of the modules, for a setting that is put back at once nobody would see."""
    suspects = re.compile(
        r"^\s*(import gc\b|from gc )"
        r"|\b(setrecursionlimit|settrace|settrace_all_threads|setswitchinterval|catch_warnings"
        r"|simplefilter|filterwarnings|excepthook|audithook|os\.chdir|os\.umask|os\.environ\["
        r"|signal\.signal|register_at_fork)\b",
        re.MULTILINE,
    )
    folder = pathlib.Path(half.__file__).parent
    own_process = {folder / "sweep" / "keeper.py", folder / "sweep" / "engines" / "slurm.py"}
    found = [
        f"{path.relative_to(folder)}: {match[0].strip()}"
        for path in sorted(folder.rglob("*.py"))
        if path not in own_process
        for match in suspects.finditer(path.read_text(encoding="utf-8"))
    ]
    # It makes the program's own call of that, and no other.
    assert {*found} <= {"engine/frame_builtins.py: settrace"}


def nested():
    return build(Config(dict))


def test_what_a_build_left_behind_is_no_build():
    """As a signal between two lines of `build`, or a fork beside another thread, may leave it."""
    thread = threading.get_ident()
    building._MAYBE_BUILDING.add(thread)
    assert build(Config(dict, a=1)) == {"a": 1}
    assert thread not in building._MAYBE_BUILDING
    building._MAYBE_BUILDING.add(thread)
    with pytest.raises(NestedBuildError):
        build(Config(nested))


def test_a_build_inside_an_independent_one_is_refused_still():
    def independent():
        with independent_build():
            return build(Config(dict, a=1)), build([Config(int)])

    def forgotten():
        with independent_build():
            return build(Config(nested))

    assert build(Config(independent)) == ({"a": 1}, [0])
    with pytest.raises(NestedBuildError):
        build(Config(forgotten))

    def before_and_after():
        independent()
        return nested()

    with pytest.raises(NestedBuildError):
        build(Config(before_and_after))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no processes to fork")
@pytest.mark.needs_subprocess
@pytest.mark.needs_threads
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_child_forked_beside_building_threads_builds():
    inside, leave = threading.Event(), threading.Event()

    def wait():
        inside.set()
        leave.wait(60)

    thread = threading.Thread(target=build, args=(Config(wait),))
    thread.start()
    inside.wait(60)
    child = os.fork()
    if not child:
        # Threads of the child get the ids of those that are gone.
        made = []
        threads = [threading.Thread(target=lambda: made.append(nested())) for _ in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        os._exit(0 if made == [{}] * 4 else 1)
    leave.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
