"""The host and the port of a server, as people type them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request

from automation.base.host_port import HostPort, read_host_port


@pytest.mark.parametrize(
    ("typed", "found", "written"),
    [
        ("127.0.0.1:9099", HostPort("127.0.0.1", 9099), "127.0.0.1:9099"),
        ("localhost", HostPort("localhost"), "localhost"),
        ("LocalHost:1", HostPort("localhost", 1), "localhost:1"),
        ("sheets_emulator:65535", HostPort("sheets_emulator", 65535), "sheets_emulator:65535"),
        ("a.example.org:00080", HostPort("a.example.org", 80), "a.example.org:80"),
        ("máy-chủ.example.org", HostPort("xn--my-ch-xqa0294c.example.org"), "xn--my-ch-xqa0294c.example.org"),
        ("4.example.org:25", HostPort("4.example.org", 25), "4.example.org:25"),
        ("[::1]:9099", HostPort("::1", 9099), "[::1]:9099"),
        ("[2001:DB8:0:0::1]", HostPort("2001:db8::1"), "[2001:db8::1]"),
        (f"{'a' * 63}:1", HostPort("a" * 63, 1), f"{'a' * 63}:1"),
    ],
)
def test_a_host_and_its_port(typed: str, found: HostPort, written: str) -> None:
    assert (read_host_port(typed), str(found)) == (found, written)


REFUSED = {
    "ports": ["a:0", "0:0", "a:65536", "a:99999", "a:123456", "a:", "a:x", "a:8080x", "[::1]:0", "[::1]:"],
    "signs": ["a:-1", "a:+80", "a:8_0", "a:8.0", "a:٣", "a:８０", "-:1", "-a:1", "a-:1", "+:1"],
    "spaces": ["", " ", "a :1", "a: 1", " a:1", "a:1 ", "a b:1", "a:1\n", "a\u00a0b:1", "a\x00:1"],
    "no host": [":1", ":", "[]:1", "[]"],
    "addresses": [
        "0:1",
        "0",
        "1:1",
        "127.1:1",
        "0x7f.1:1",
        "0x:1",
        "256.1.1.1:1",
        "1.2.3.4.5:1",
        "127.0.0.01:1",
        "a.1",
    ],
    "IPv6": [
        "::1",
        "::1:80",
        "[::1",
        "::1]",
        "[:::]:1",
        "[g::1]:1",
        "[fe80::1%eth0]:1",
        "[::1]80",
        "[::1]a:1",
        "[a]:1",
    ],
    "names": [".", "a.:1", ".a:1", "a..b:1", f"{'a' * 64}:1", ".".join(["a" * 63] * 4) + ":1", "a,b:1", "a%20b:1"],
    "URLs": ["http://a:1", "//a:1", "a:1/", "a:1/v4", "a:1?x", "a:1#x", "a@b:1", "u:p@a:1", "a:b:1", "a\\b:1"],
}


@pytest.mark.parametrize("typed", [each for group in REFUSED.values() for each in group])
def test_what_no_server_can_listen_on(typed: str) -> None:
    assert read_host_port(typed) is None


NAMES = st.from_regex(r"[a-z_](?:[a-z0-9_-]{0,9}[a-z0-9_])?(?:\.[a-z](?:[a-z0-9-]{0,9}[a-z0-9])?){0,3}", fullmatch=True)
ADDRESSES = st.ip_addresses(v=4).map(str) | st.ip_addresses(v=6).map(lambda address: f"[{address}]")


@given(NAMES | ADDRESSES, st.none() | st.integers(1, 65535))
def test_every_host_with_every_port_comes_back(host: str, port: int | None) -> None:
    typed = host if port is None else f"{host}:{port}"
    assert str(read_host_port(typed)) == typed


@given(st.text(max_size=40) | st.from_regex(r"[a-z0-9.:+\[\] -]{1,30}", fullmatch=True))
def test_whatever_is_taken_stands_in_a_url_as_it_is_asked(typed: str) -> None:
    found = read_host_port(typed)
    if found is None:
        return
    assert read_host_port(str(found)) == found
    parts = urlsplit(f"http://{found}/v4")
    assert (parts.hostname, parts.port, parts.path) == (found.host, found.port, "/v4")
    assert Request("GET", f"http://{found}/v4").prepare().url == f"http://{found}/v4"


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**128 - 1))
def test_addresses_are_written_in_one_way(four: int, six: int) -> None:
    assert read_host_port(str(IPv4Address(four))) == HostPort(str(IPv4Address(four)))
    assert read_host_port(f"[{IPv6Address(six).exploded.upper()}]") == HostPort(str(IPv6Address(six)))
