"""Where a webhook may go: an https address on the public network, checked as text here and as an address on connecting.

``ipaddress.is_private`` misses shared address space (100.64/10), tunnels to private networks and clouds' metadata on
public addresses, so the networks are listed.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NoReturn
from urllib.parse import urlsplit

from domain.errors import Flaw, Invalid, Titles

URL_MAX = 500
REFUSED: dict[str, str] = {
    "0.0.0.0/8": "this network (RFC 791)",
    "10.0.0.0/8": "private (RFC 1918)",
    "100.64.0.0/10": "shared by carriers (RFC 6598); a cloud's metadata",
    "127.0.0.0/8": "loopback (RFC 1122)",
    "168.63.129.16/32": "a cloud's metadata on a public address",
    "169.254.0.0/16": "link-local (RFC 3927); clouds' metadata",
    "172.16.0.0/12": "private (RFC 1918)",
    "192.0.0.0/24": "protocol assignments (RFC 6890); a cloud's metadata",
    "192.0.2.0/24": "documentation (RFC 5737)",
    "192.88.99.0/24": "6to4 relays (RFC 7526)",
    "192.168.0.0/16": "private (RFC 1918)",
    "198.18.0.0/15": "benchmarks (RFC 2544)",
    "198.51.100.0/24": "documentation (RFC 5737)",
    "203.0.113.0/24": "documentation (RFC 5737)",
    "224.0.0.0/4": "multicast (RFC 5771)",
    "240.0.0.0/4": "reserved and broadcast (RFC 1112)",
    "::/3": "unspecified, loopback, IPv4 in IPv6 (RFC 4291), NAT64 (RFC 6052, RFC 8215), discard (RFC 6666)",
    "2001::/23": "protocol assignments, Teredo among them (RFC 2928, RFC 4380)",
    "2001:db8::/32": "documentation (RFC 3849)",
    "2002::/16": "6to4 (RFC 3056)",
    "3fff::/20": "documentation (RFC 9637)",
    "4000::/2": "not assigned (RFC 4291)",
    "8000::/1": "not assigned, private (RFC 4193), link-local, site-local and multicast (RFC 4291)",
}
_V4 = tuple(IPv4Network(each) for each in REFUSED if ":" not in each)
_V6 = tuple(IPv6Network(each) for each in REFUSED if ":" in each)


class AddressRefused(Invalid):
    code = "address-refused"
    titles = Titles(
        "Nothing is sent to this address", "На этот адрес ничего не отправляется", "Бұл мекенжайға ештеңе жіберілмейді"
    )


def is_public(address: str) -> bool:
    """Whether an IP address is on the public network; what cannot be read as one is not."""
    try:
        found: IPv4Address | IPv6Address = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv4Address):
        return not any(found in network for network in _V4)
    return found.scope_id is None and not any(found in network for network in _V6)


def is_loopback(address: str) -> bool:
    try:
        return "%" not in address and ip_address(address).is_loopback
    except ValueError:
        return False


def checked(url: str, *, loopback: bool) -> str:
    """An https URL without user, query secrets aside, or fragment, whose host, if it is an IP address, is public.

    ``loopback`` admits http and https to a loopback address, for tests and demonstrations on one machine. Refuses
    ``address-refused``. A name is resolved, and its addresses are checked, on each connection.
    """
    if len(url) > URL_MAX or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        _refuse("not a URL in ASCII of a bearable length")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        _refuse("not a URL")
    host = parts.hostname or ""
    if not host or port == 0 or parts.username is not None or parts.password is not None or parts.fragment:
        _refuse("a host is needed, a user and a fragment are not allowed")
    if loopback and is_loopback(host) and parts.scheme in {"http", "https"}:
        return url
    if parts.scheme != "https":
        _refuse("not https")
    if (":" in host or host.rpartition(".")[2].isdigit()) and not is_public(host):
        _refuse("not on the public network")
    return url


def _refuse(reason: str) -> NoReturn:
    flaw = Flaw(pointer="/url", reason=reason, passes="https://example.kz/oimaq")
    raise AddressRefused(f"The address is refused: {reason}", flaws=(flaw,))
