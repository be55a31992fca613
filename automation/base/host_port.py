"""The host and the port of a server, as people type them."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address

from msgspec import Struct

_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.IGNORECASE)
_LONGEST_NAME = 253
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.IGNORECASE)
_TYPED = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>[^\[\]:]+))(?::(?P<port>[0-9]{1,5}))?")
_LAST_PORT = 65535


class HostPort(Struct, frozen=True):
    """Where a server listens."""

    host: str
    """A name in ASCII or an IP address, in small letters and without brackets."""
    port: int | None = None
    """None: that of the protocol."""

    @property
    def is_loopback(self) -> bool:
        """Whether it is this very machine."""
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False

    def __str__(self) -> str:
        """As it stands in a URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def read_host_port(typed: str) -> HostPort | None:
    """What `host`, `host:port` or `[IPv6]:port` says; None for whatever no server can listen on."""
    found = _TYPED.fullmatch(typed)
    if found is None:
        return None
    port = None if found["port"] is None else int(found["port"])
    if port is not None and not 0 < port <= _LAST_PORT:
        return None
    try:
        host = _name(found["name"]) if found["ipv6"] is None else str(IPv6Address(found["ipv6"]))
    except ValueError:
        return None
    return HostPort(host, port)


def _name(typed: str) -> str:
    """Raises ValueError."""
    name = typed if typed.isascii() else typed.encode("idna").decode("ascii")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise ValueError(typed)
    # Systems take "0", "127.1" and "0x7f.1" for addresses, requests does not: a name never ends in a number.
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        return str(IPv4Address(name))
    return name.lower()
