"""Where notifications may go: not to this machine, nor to addresses that only its own network card answers.

An address in a site file must not make the program speak to services that trust whoever is on this machine, or to a
cloud's metadata (OWASP API7:2023). Addresses of the office's own network are meant: most sites have no other.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import Final

from facility.errors import DeliveryRefused, NotDelivered

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

METADATA: Final = frozenset({
    ipaddress.ip_address("100.100.100.200"),  # Alibaba Cloud
    ipaddress.ip_address("192.0.0.192"),  # Oracle Cloud
    ipaddress.ip_address("fd00:ec2::254"),  # AWS over IPv6
})  # fmt: skip
"""Metadata services outside of the link-local range, where most are (169.254.169.254)."""


def is_local(address: Address) -> bool:
    """Whether an address is this machine's, a link's, a metadata service's, or nobody's."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is not None:
            return is_local(inner)
    nobody = address.is_unspecified or address.is_multicast or address.is_reserved
    return address.is_loopback or address.is_link_local or nobody or address in METADATA


def resolve(host: str, port: int, *, allow_local: bool) -> str:
    """The address to connect to for `host`. Blocks while the name is looked up.

    What was looked up is what is connected to: a name that answers otherwise the second time gains nothing.

    Raises:
        NotDelivered: the name cannot be looked up now.
        DeliveryRefused: it leads to an address that is not allowed.
    """
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotDelivered(f"the name {host} cannot be looked up: {error.strerror or error}") from error
    except UnicodeError as error:
        raise DeliveryRefused(
            "the address of the channel has a name that no host can have", of_content=False
        ) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not allow_local:
        for address in addresses:
            if is_local(ipaddress.ip_address(address.partition("%")[0])):
                raise DeliveryRefused(
                    f"{host} leads to {address}, an address of this machine or of its link; if that is meant, write"
                    f" `allow_local: true` / {host} 指向本机或链路本地地址 {address},确需使用请写 `allow_local: true`"
                )
    return addresses[0]
