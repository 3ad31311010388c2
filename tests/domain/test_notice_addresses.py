"""Where webhooks may go: the table of refused networks, and what a URL may look like."""

from ipaddress import ip_network

import pytest

from domain.notices.addresses import REFUSED, AddressRefused, checked, is_loopback, is_public

REFUSED_ADDRESSES = [
    "0.0.0.1", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.255", "169.254.169.254",
    "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.168.1.1", "192.88.99.1", "198.18.0.1", "198.19.255.255",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16", "192.0.2.1",
    "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1",
    "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254",
    "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2606:4700::1111%eth0",
    "", "localhost", "127.1", "0x7f.1", "2130706433", "010.0.0.1",
]  # fmt: skip
PUBLIC_ADDRESSES = [
    "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
    "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0",
    "223.255.255.255", "168.63.129.17", "2000::1", "2001:200::1", "2606:4700:4700::1111", "2a00:1450::1",
]  # fmt: skip


@pytest.mark.parametrize("address", REFUSED_ADDRESSES)
def test_nothing_is_sent_off_the_public_network(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_the_public_network_begins_right_beside_the_refused_ones(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("network", REFUSED)
def test_each_refused_network_is_refused_from_its_first_to_its_last_address(network: str) -> None:
    found = ip_network(network)
    assert not is_public(str(found[0]))
    assert not is_public(str(found[-1]))


@pytest.mark.parametrize(
    "url", ["https://example.kz/hook", "https://example.kz:8443/a?b=c", "https://8.8.8.8/", "https://[2606:4700::1]/"]
)
def test_an_https_url_of_a_public_host_passes(url: str) -> None:
    assert checked(url, loopback=False) == url


@pytest.mark.parametrize(
    "url",
    [
        "", "http://example.kz/", "ftp://example.kz/", "//example.kz/", "https:///path", "https://user@example.kz/",
        "https://user:password@example.kz/", "https://example.kz/#part", "https://127.0.0.1/", "https://[::1]/",
        "https://10.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f.0.0.1/", "https://[fe80::1%25eth0]/",
        "https://example.kz:0/", "https://example.kz:99999/", "https://exa mple.kz/", "https://example.kz\\@10.0.0.1/",
        "https://қазақстан.kz/", "https://example.kz/\r\nX: y", "https://example.kz/" + "a" * 500, "https://[::1/",
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_what_would_pass(url: str) -> None:
    with pytest.raises(AddressRefused) as refused:
        checked(url, loopback=False)
    assert refused.value.flaws[0].pointer == "/url"
    assert refused.value.flaws[0].passes is not None


def test_this_machine_is_admitted_only_where_the_deployment_says_so() -> None:
    for url in ("http://127.0.0.1:9/", "https://[::1]/", "http://[::1]:9/"):
        assert checked(url, loopback=True) == url
        with pytest.raises(AddressRefused):
            checked(url, loopback=False)
    for url in ("http://10.0.0.1/", "http://localhost/", "http://example.kz/", "ftp://127.0.0.1/"):
        with pytest.raises(AddressRefused):
            checked(url, loopback=True)
    assert is_loopback("127.0.0.2")
    assert not is_loopback("::1%lo")
