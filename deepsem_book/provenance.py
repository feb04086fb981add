"""Where a number comes from: versions, machine, peak memory."""

import contextlib
import os
import platform
import threading
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psutil

from deepsem_minimal import __version__

VERSIONED = ("torch", "numpy", "scipy", "scikit-learn", "grn-dazzle", "regdiffusion")


class PeakMemory:
    """Largest resident memory (bytes) of this process in a block, looked up every 20 ms."""

    def __enter__(self) -> "PeakMemory":
        self.process, self.done = psutil.Process(), threading.Event()
        self.peak = self.process.memory_info().rss
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self

    def watch(self) -> None:
        while not self.done.wait(0.02):
            self.peak = max(self.peak, self.process.memory_info().rss)

    def __exit__(self, *_: object) -> None:
        self.done.set()
        self.thread.join()


# --- Provenance -----------------------------------------------------------------------------------


def versions() -> str:
    entries = [f"python {platform.python_version()}", f"deepsem_minimal {__version__}"]
    for package in VERSIONED:
        with contextlib.suppress(PackageNotFoundError):
            entries.append(f"{package} {version(package)}")
    return "; ".join(entries)


def machine() -> str:
    """System, processor and cores; never a host name."""
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":")[1].strip() for line in lines if "model name" in line), model)
    return f"{platform.system()} {platform.machine()}; {model}; {os.cpu_count()} cores"
