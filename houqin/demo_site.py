"""The site of the demonstration: the shipped example, moved to free ports of this machine."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from facility.errors import SiteFileError
from facility.model import Link, SiteFile
from facility.model.entries import ForecastEntry
from facility.model.lines import SerialLink
from facility.model.loader import load_site
from facility.profiles import Profile, ProfileLibrary

EXAMPLE = "office.yaml"


def example_path() -> Path:
    """Where the shipped example stands: in the installed package, else in the source tree."""
    packed = resources.files("houqin") / "sites" / EXAMPLE
    if packed.is_file():
        return Path(str(packed))
    return Path(__file__).parent.parent / "deploy" / "sites" / EXAMPLE


def load_demo_site() -> tuple[SiteFile, Mapping[str, Profile]]:
    """The example's entries and the profiles it uses.

    Raises:
        SiteFileError: the shipped example was damaged.
    """
    library = ProfileLibrary()
    loaded = load_site(example_path(), library=library)
    if loaded.file is None or loaded.site is None:
        raise SiteFileError("the shipped example site has errors; install Houqin again", problems=loaded.problems)
    return loaded.file, library


def on_free_ports(file: SiteFile, ports_folder: Path) -> SiteFile:
    """The same site with every link, and the forecast's address, on a free loopback port; serial ports stand in
    `ports_folder`, which no other demonstration may use.
    """
    ports = iter(_free_ports(len(file.links) + len(file.weather.forecast)))
    links: dict[str, Link] = {
        name: link.model_copy(
            update={"path": str(ports_folder / name)}
            if isinstance(link, SerialLink)
            else {"host": "127.0.0.1", "port": next(ports)}
        )
        for name, link in file.links.items()
    }
    forecast = tuple(
        ForecastEntry(provider=entry.provider, url=f"http://127.0.0.1:{next(ports)}") if entry.url else entry
        for entry in file.weather.forecast
    )
    weather = file.weather.model_copy(update={"forecast": forecast})
    return file.model_copy(update={"links": links, "weather": weather})


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()
