from sotto_app.announce import announce

HOST = "a=candidate:0 1 udp 2130706431 172.17.0.2 40001 typ host"
HOST6 = "a=candidate:1 1 udp 2130706431 fd00::2 40002 typ host"
RELAYED = "a=candidate:2 1 udp 16777215 203.0.113.1 50000 typ relay raddr 172.17.0.2 rport 40001"
SDP = "\r\n".join(["v=0", "a=rtcp-mux", HOST, HOST6, RELAYED, "a=rtcp-mux", ""])


def test_host_candidates_get_the_announced_address_of_their_family() -> None:
    assert announce(SDP, ["192.0.2.7"]) == SDP.replace(
        "2130706431 172.17.0.2", "2130706431 192.0.2.7"
    )
    assert announce(SDP, ["2001:db8::7"]) == SDP.replace("fd00::2", "2001:db8::7")


def test_several_addresses_make_several_candidates() -> None:
    announced = announce(SDP, ["192.0.2.7", "198.51.100.9"]).splitlines()
    assert announced[2:4] == [HOST.replace("172.17.0.2", a) for a in ("192.0.2.7", "198.51.100.9")]
    assert announced[4:] == SDP.splitlines()[3:]


def test_no_address_changes_nothing() -> None:
    assert announce(SDP, []) == SDP
