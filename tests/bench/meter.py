"""How much of a processor a family of processes has had."""

import contextlib

import psutil


class Meter:
    """CPU seconds of a process and everything it started, those that ended included."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)

    def seconds(self) -> float:
        """So far, user and system."""
        total = 0.0
        for process in [self._root, *self._root.children(recursive=True)]:
            with contextlib.suppress(psutil.NoSuchProcess):
                spent = process.cpu_times()
                total += spent.user + spent.system + spent.children_user + spent.children_system
        return total
