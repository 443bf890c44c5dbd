#!/usr/bin/python3
"""drgn on a guest that runs or is replayed, through QMP.

    ./otherworld replay my-run --goto panic --qmp=unix:/tmp/guest.qmp --symbols System.map
    python3 docs/examples/drgn_live.py /tmp/guest.qmp vmlinux.debug

lists the tasks. For work of one's own: prog = attach(Qmp("/tmp/guest.qmp"), "vmlinux.debug").
"""

import json
import os
import socket
import sys
import tempfile

import drgn
from drgn.helpers.linux.pid import for_each_task

DIRECT_MAP = 0xFFFF888000000000


class Qmp:
    """A conversation with the machine: one command, one answer; events in between are passed over."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("r", encoding="utf-8")
        self.lines.readline()  # the greeting
        self.execute("qmp_capabilities")

    def execute(self, command, **arguments):
        message = {"execute": command, "arguments": {name.replace("_", "-"): value for name, value in arguments.items()}}
        self.socket.sendall(json.dumps(message).encode() + b"\n")
        while line := self.lines.readline():
            answer = json.loads(line)
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise RuntimeError(answer["error"]["desc"])
        raise EOFError("the machine is gone")


def attach(qmp, vmlinux):
    """A program whose memory is the guest's as it is at each access. Stop the guest for as long as one answer must fit the other."""
    folder = tempfile.TemporaryDirectory(prefix="drgn-live-")
    core = os.path.join(folder.name, "core")
    piece = os.path.join(folder.name, "piece")
    qmp.execute("dump-guest-memory", paging=False, protocol="file:" + core)
    prog = drgn.Program()
    prog.set_core_dump(core)  # tells drgn that this is a kernel, which, and where it lies

    def read(address, count, offset, physical):
        qmp.execute("pmemsave" if physical else "memsave", val=address, size=count, filename=piece)
        with open(piece, "rb") as file:
            return file.read()

    for base, physical, size in segments(core):
        prog.add_memory_segment(base, size, read)
        prog.add_memory_segment(physical, size, read, True)
    prog.load_debug_info([vmlinux])
    prog.cache["otherworld"] = folder  # lives as long as the program
    return prog


def segments(core):
    """What the core file has: linear address, physical address, size."""
    with open(core, "rb") as file:
        head = file.read(64)
        for _ in range(int.from_bytes(head[56:58], "little")):
            segment = [int.from_bytes(file.read(8), "little") for _ in range(7)]
            if segment[0] & 0xFFFFFFFF == 1:  # PT_LOAD
                yield segment[2], segment[3], segment[5]


if __name__ == "__main__":
    machine = Qmp(sys.argv[1])
    machine.execute("stop")
    program = attach(machine, sys.argv[2])
    for task in for_each_task(program):
        print(task.pid.value_(), task.comm.string_().decode())
    print(program["jiffies_64"].value_(), "ticks")
    for command in sys.argv[3:]:  # cont, or quit
        machine.execute(command)
