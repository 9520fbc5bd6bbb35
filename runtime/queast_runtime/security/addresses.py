"""Which network addresses may be dialled: our own table.

IPv4 is public but for the listed ranges. IPv6 is the other way round: only global unicast (2000::/3) is public, and
of that not what tunnels, documents or stands for an IPv4 address. The standard library's `is_global` calls NAT64, 6to4
and multicast global, hence a table of our own.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

DENIED_V4: tuple[IPv4Network, ...] = tuple(
    IPv4Network(each)
    for each in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carrier-grade NAT, and some clouds' metadata
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's wire server
        "169.254.0.0/16",  # link local, metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
ALLOWED_V6: tuple[IPv6Network, ...] = (IPv6Network("2000::/3"),)
DENIED_V6: tuple[IPv6Network, ...] = tuple(
    IPv6Network(each)
    for each in (
        "2001::/23",  # Teredo, ORCHID, benchmarks and other protocol assignments
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: an IPv4 address in disguise
        "3fff::/20",  # documentation
    )
)


def refusal(
    address: str,
    denied_v4: tuple[IPv4Network, ...] = DENIED_V4,
    allowed_v6: tuple[IPv6Network, ...] = ALLOWED_V6,
    denied_v6: tuple[IPv6Network, ...] = DENIED_V6,
) -> str | None:
    """Return why an address may not be dialled, None where it may. The tables are parameters for their own tests."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return f"{address!r} is not an address"
    match parsed:
        case IPv4Address():
            hit = next((net for net in denied_v4 if parsed in net), None)
            return None if hit is None else f"{parsed} is in {hit}"
        case IPv6Address():
            if parsed.scope_id is not None:
                return f"{parsed} has a scope"
            if not any(parsed in net for net in allowed_v6):
                return f"{parsed} is not global unicast"
            hit6 = next((net for net in denied_v6 if parsed in net), None)
            return None if hit6 is None else f"{parsed} is in {hit6}"
