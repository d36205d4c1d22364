"""A disk that can lose its power: a file system in an image file, mounted through a loop device.

What was not synced stands in the kernel's memory alone, and is not in the image. A copy of the image, taken
while everybody who writes is stopped in their tracks, is what a machine finds when it comes up again.
"""

import contextlib
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

MEGABYTES = 400


@dataclass(frozen=True)
class Disk:
    """A mounted image."""

    image: Path
    mounted: Path

    @contextlib.contextmanager
    def after_a_power_cut(self, processes: Sequence[psutil.Process]) -> Iterator[Path]:
        """What is left if the power goes now, mounted elsewhere. The processes are the only ones that write
        here, and end."""
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        time.sleep(0.2)  # what was on its way to the disk has arrived
        copy = self.image.with_suffix(".copy")
        shutil.copyfile(self.image, copy)
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(processes, 5)
        with mounted(copy) as found:
            yield found.mounted


@contextlib.contextmanager
def new_disk(folder: Path) -> Iterator[Disk]:
    """An empty one. Skips the test where images may not be mounted."""
    image = folder / "disk.image"
    with image.open("wb") as file:
        file.truncate(MEGABYTES * 1_000_000)
    if (mkfs := shutil.which("mkfs.ext4", path="/usr/sbin:/sbin:/usr/bin:/bin")) is None:
        pytest.skip("a power cut needs mkfs.ext4, which is not here")
    subprocess.run([mkfs, "-q", "-F", image], check=True)
    with mounted(image) as disk:
        yield disk


@contextlib.contextmanager
def mounted(image: Path) -> Iterator[Disk]:
    point = image.with_suffix(image.suffix + ".mounted")
    point.mkdir()
    told = subprocess.run(["mount", "-o", "loop", image, point], capture_output=True, text=True, check=False)
    if told.returncode != 0:
        pytest.skip(f"a power cut needs loop mounts, which are not allowed here: {told.stderr.strip()}")
    try:
        yield Disk(image, point)
    finally:
        unmount(point)


def unmount(point: Path) -> None:
    """Somebody's last write may still hold it for a moment."""
    for _ in range(50):
        if subprocess.run(["umount", point], capture_output=True, check=False).returncode == 0:
            return
        time.sleep(0.1)
    subprocess.run(["umount", "--lazy", point], check=True)
