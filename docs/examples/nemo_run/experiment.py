"""Run graphs that were captured, and made by hand, in an experiment of NeMo Run on this machine.

``NEMORUN_HOME=/tmp/nemo python experiment.py``; the guide has what it prints.
"""

import nemo_run as run
from recipes import by_hand, captured, recorded

from bytefig.configs import Partial, cast
from bytefig.configs.interop import from_nemo_run, to_nemo_run


def main() -> None:
    """Run three tasks, one after another."""
    edited = from_nemo_run(by_hand())
    edited.optimizer.rate = 0.75

    graph = captured.as_buildable(16)
    graph.model.width *= 2

    tasks = {
        "by_hand": to_nemo_run(edited),
        "captured": to_nemo_run(cast(Partial, graph)),
        "recorded": to_nemo_run(cast(Partial, from_nemo_run(recorded.as_buildable(64)))),
    }
    with run.Experiment("bytefig", executor=run.LocalExecutor()) as experiment:
        for name, task in tasks.items():
            experiment.add(task, name=name, tail_logs=True)
        experiment.run(detach=False, sequential=True)
    for name, found in experiment.status(return_dict=True).items():
        print(f"{name}: {found['status'].name}")


if __name__ == "__main__":
    main()
