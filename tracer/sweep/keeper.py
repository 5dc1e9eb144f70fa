"""A process that ends the processes of trials when the one that started them is gone.

It is run as a file, without the rest of bytefig. A line of its input is ``+PID`` for a process
group that there is, or ``-PID`` for one that is no more. The end of the input is that of its
writer, however that has ended.
"""

import os
import signal
import sys


def main() -> None:
    """Read until the end, and kill the processes that are left."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    left: set[int] = set()
    for line in sys.stdin:
        (left.add if line.startswith("+") else left.discard)(int(line[1:]))
    for group in left:
        try:
            os.killpg(group, signal.SIGKILL)
        except OSError:
            continue


if __name__ == "__main__":
    main()
