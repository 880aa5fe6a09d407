"""The front door: the command line, and the wiring of rooms into processes. Nothing else."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("houqin")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0.0.0+source"
