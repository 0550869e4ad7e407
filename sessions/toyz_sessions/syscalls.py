"""System calls by name: which are refused, which are asked about, and their numbers (``asm/unistd.h``)."""

from collections.abc import Mapping
from typing import NamedTuple


class Calls(NamedTuple):
    """How an architecture is named in a filter, and the numbers of its calls."""

    audit: int
    numbers: Mapping[str, int]


REFUSED = (
    # the memory, the descriptors and the family of other processes
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "pidfd_getfd",
    "kcmp",
    "process_madvise",
    "process_mrelease",
    "migrate_pages",
    "move_pages",
    # what would leave the process group, which is killed as one
    "setsid",
    "setpgid",
    # other programs
    "execve",
    "execveat",
    # files that cannot be opened: their modes, owners, times, attributes, and what happens to them
    "chmod",
    "fchmodat",
    "fchmodat2",
    "chown",
    "lchown",
    "fchownat",
    "utime",
    "utimes",
    "futimesat",
    "setxattr",
    "lsetxattr",
    "removexattr",
    "lremovexattr",
    "inotify_init",
    "inotify_init1",
    "fanotify_init",
    "name_to_handle_at",
    "open_by_handle_at",
    # memory and queues by a name that all of a user share
    "shmget",
    "semget",
    "msgget",
    "mq_open",
    # the kernel
    "kexec_load",
    "init_module",
    "finit_module",
    "delete_module",
    "mount",
    "umount2",
    "pivot_root",
    "chroot",
    "setns",
    "unshare",
    "fsopen",
    "open_tree",
    "move_mount",
    "swapon",
    "reboot",
    "acct",
    "settimeofday",
    "clock_settime",
    "sethostname",
    "personality",
    "add_key",
    "request_key",
    "keyctl",
    "perf_event_open",
    "bpf",
    "userfaultfd",
    "io_uring_setup",
)
_ITSELF = {0: 0}
ONLY_ITSELF: Mapping[str, Mapping[int, int]] = {
    "prlimit64": _ITSELF,
    "setpriority": {0: 0, 1: 0},
    "ioprio_set": {0: 1, 1: 0},
    "utimensat": {1: 0},
}
"""Calls that name a process, or a file by its path: allowed of the caller itself, and of a file that is open."""
SIGNALS = ("tkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal", "pidfd_open")
OWN_SIGNALS = ("kill", "tgkill")
"""Allowed to oneself, where Landlock does not yet watch signals."""
FORKS = ("fork", "vfork")
SCHEDULING: Mapping[str, Mapping[int, int]] = dict.fromkeys(
    ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"), _ITSELF
)
"""The same, but what is not allowed has no effect and is no error: ZeroMQ's threads name themselves by their
number, which a filter does not know, and end the process if that is refused."""
SOCKETS = ("socket", "connect", "bind", "listen", "accept", "accept4", "io_uring_setup")

_NUMBERS: Mapping[str, tuple[int, int | None]] = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "setsid": (112, 157),
    "setpgid": (109, 154),
    "execve": (59, 221),
    "execveat": (322, 281),
    "chmod": (90, None),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "fanotify_init": (300, 262),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "shmget": (29, 194),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "setns": (308, 268),
    "unshare": (272, 97),
    "fsopen": (430, 430),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "personality": (135, 92),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "perf_event_open": (298, 241),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "prlimit64": (302, 261),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "utimensat": (280, 88),
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "pidfd_open": (434, 434),
    "clone": (56, 220),
    "clone3": (435, 435),
    "fork": (57, None),
    "vfork": (58, None),
    "socket": (41, 198),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "truncate": (76, 45),
    "seccomp": (317, 277),
}


def _column(place: int) -> dict[str, int]:
    columns = {name: numbers[place] for name, numbers in _NUMBERS.items()}
    return {name: number for name, number in columns.items() if number is not None}


MACHINES = {"x86_64": Calls(0xC000003E, _column(0)), "aarch64": Calls(0xC00000B7, _column(1))}
