"""Ways out by sockets."""

import array
import errno
import os
import socket
import struct

from kernels.inside.acts.trying import Act, Host, Table

__all__ = ["TABLE"]

_FILTER, _MOUNTS, _NETWORK = "checked: socket", "own mounts only", "network namespace"


def _family(family: int, kind: int, protocol: int = 0) -> Act:
    def act(_host: Host) -> bool:
        socket.socket(family, kind, protocol).close()
        return True

    return Act(_FILTER, act)


def _loopback(host: Host) -> bool:
    socket.create_connection(("127.0.0.1", host["port"]), timeout=2).close()
    return True


def _loopback6(host: Host) -> bool:
    with socket.socket(socket.AF_INET6) as connection:
        connection.settimeout(2)
        try:
            connection.connect(("::1", host["port"]))
        except ConnectionRefusedError:
            return True  # the network was reached
    return True


def _listens(_host: Host) -> bool:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
    return True


def _asks_for_a_name(_host: Host) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.connect(("127.0.0.1", 53))
    return True


def _abstract(host: Host) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect("\0" + host["abstract"])
    return True


def _path(host: Host) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(host["socket"])
    return True


def _false_identity(_host: Host) -> bool:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    theirs.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    forged = struct.pack("3i", os.getppid(), 0, 0)
    ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_CREDENTIALS, forged)])
    return True


def _engine_as_root(host: Host) -> bool:
    """The listener answers with the uid that it sees."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(host["engine"])
        return connection.recv(16) == b"0"


def _hears_the_host(_host: Host) -> bool:
    """An interface beside loopback, as the process's own network shows it."""
    with open("/proc/self/net/dev", encoding="ascii") as table:  # noqa: PTH123 - like its neighbours
        names = [line.split(":")[0].strip() for line in table if ":" in line]
    return any(name != "lo" for name in names)


def _sends_listener(_host: Host) -> bool:
    """Hand a network socket over: it must not be there in the first place."""
    ours, theirs = socket.socketpair()
    with socket.socket() as network:
        descriptors = array.array("i", [network.fileno()])
        ours.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)])
    theirs.recv(1)
    return True


def _pair(_host: Host) -> bool:
    """No network family makes pairs, which only the kernel itself would say."""
    try:
        socket.socketpair(socket.AF_INET)
    except OSError as error:
        return error.errno == errno.EOPNOTSUPP
    return True


TABLE: Table = {
    "make a pair of network sockets": Act("checked: socketpair", _pair),
    "make an internet socket": _family(socket.AF_INET, socket.SOCK_STREAM),
    "make an IPv6 socket": _family(socket.AF_INET6, socket.SOCK_DGRAM),
    "make a raw socket": _family(socket.AF_INET, socket.SOCK_RAW, 1),
    "make a packet socket": _family(17, socket.SOCK_RAW),
    "make a netlink socket": _family(16, socket.SOCK_RAW),
    "make a netlink audit socket": _family(16, socket.SOCK_RAW, 9),
    "make a vsock socket": _family(40, socket.SOCK_STREAM),
    "make a kernel crypto socket": _family(38, socket.SOCK_SEQPACKET),
    "make a Bluetooth socket": _family(31, socket.SOCK_RAW, 1),
    "make a CAN socket": _family(29, socket.SOCK_RAW, 1),
    "make a TIPC socket": _family(30, socket.SOCK_SEQPACKET),
    "make an XDP socket": _family(44, socket.SOCK_RAW),
    "make a key management socket": _family(15, socket.SOCK_RAW, 2),
    "reach the host's loopback": Act(_FILTER, _loopback),
    "reach the host's IPv6 loopback": Act(_FILTER, _loopback6),
    "listen on a port": Act(_FILTER, _listens),
    "reach a name server": Act(_FILTER, _asks_for_a_name),
    "hand over a network socket": Act(_FILTER, _sends_listener),
    "see the host's network interfaces": Act(_NETWORK, _hears_the_host),
    "reach an abstract socket of the host": Act(_NETWORK, _abstract),
    "reach a socket in the host's files": Act(_MOUNTS, _path),
    "send a false identity": Act("no capabilities", _false_identity),
    "be root to the engine": Act("account of its own", _engine_as_root),
}
