"""A small stand-in for systemd, which runs in no folder: units get their user, settings and socket."""

from __future__ import annotations

import json
import os
import pwd
import signal
import socket
import subprocess
import threading
import time
from configparser import RawConfigParser
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

ASKING = """#!/usr/bin/python3
import json, socket, sys
asked = socket.socket(socket.AF_UNIX)
asked.connect("/run/stand-in")
asked.sendall(json.dumps(sys.argv[1:]).encode())
asked.shutdown(socket.SHUT_WR)
code, text = json.loads(b"".join(iter(lambda: asked.recv(65536), b"")))
print(text, end="", file=sys.stderr if code else sys.stdout)
sys.exit(code)
"""


@dataclass
class Units:
    """Of the machine that lies in `root`; each unit's words go to a file of `said`."""

    root: Path
    said: Path
    sockets: dict[str, socket.socket] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def answer(self, words: list[str]) -> tuple[int, str]:
        verb, names = words[0], [word for word in words[1:] if not word.startswith("-")]
        if verb == "daemon-reload":
            return 0, ""
        if verb == "enable" and "--now" not in words:
            return 0, ""
        for name in names:
            try:
                self._do("start" if verb == "enable" else verb, name)
            except (OSError, subprocess.SubprocessError, LookupError) as error:
                return 1, f"{name}: {error}\n"
        return 0, ""

    def _do(self, verb: str, name: str) -> None:
        name = name if "." in name else f"{name}.service"
        path = self.root / "etc/systemd/system" / name
        if not path.exists():
            subprocess.run(["chroot", self.root, "service", name.removesuffix(".service"), verb], check=True)
            return
        unit = RawConfigParser(strict=False)
        unit.optionxform = str  # type: ignore[assignment,method-assign]
        unit.read_string(path.read_text())
        if name.endswith(".timer"):
            return
        if name.endswith(".socket"):
            if verb == "start" and name not in self.sockets:
                host, port = unit["Socket"]["ListenStream"].rsplit(":", 1)
                self.sockets[name] = socket.create_server((host, int(port)), backlog=2048)
            return
        if verb in {"stop", "restart"}:
            self.stop(name)
        if verb in {"start", "restart"}:
            self._start(name, unit)

    def stop(self, name: str) -> None:
        running = self.running.pop(name, None)
        if running is not None:
            running.terminate()
            running.wait(70)

    def _start(self, name: str, unit: RawConfigParser) -> None:
        service = unit["Service"]
        kind = service.get("Type", "simple")
        if name in self.running and self.running[name].poll() is None:
            return
        who = self._who(service.get("User", "root"))
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": who.pw_dir, "LANG": "C.UTF-8"}
        if "EnvironmentFile" in service:
            lines = (self.root / service["EnvironmentFile"].lstrip("/")).read_text().splitlines()
            environment |= dict(line.split("=", 1) for line in lines if "=" in line)
        ready = self._ready(name) if kind == "notify" else None
        if ready is not None:
            environment["NOTIFY_SOCKET"] = f"/run/notify-{name}"
        held = self.sockets.get(name.replace(".service", ".socket"))
        command = f"exec {service['ExecStart']}"
        if held is not None:
            command = f"exec 3<&{held.fileno()}; export LISTEN_FDS=1 LISTEN_PID=$$; {command}"

        def becomes() -> None:
            os.chroot(self.root)
            os.chdir(service.get("WorkingDirectory", "/"))
            os.initgroups(who.pw_name, who.pw_gid)
            os.setgid(who.pw_gid)
            os.setuid(who.pw_uid)

        with (self.said / f"{name}.log").open("ab") as said:
            started = subprocess.Popen(
                ["/bin/bash", "-c", command],
                env=environment, stdout=said, stderr=said, stdin=subprocess.DEVNULL, preexec_fn=becomes,  # noqa: PLW1509
                pass_fds=(held.fileno(),) if held is not None else (), start_new_session=True,
            )  # fmt: skip
        if kind == "oneshot":
            if started.wait(600):
                raise LookupError(f"ended with {started.returncode}")
            return
        self.running[name] = started
        if ready is not None:
            ready.settimeout(60)
            while b"READY=1" not in ready.recv(4096):
                pass
            ready.close()

    def _ready(self, name: str) -> socket.socket:
        path = self.root / "run" / f"notify-{name}"
        path.unlink(missing_ok=True)
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind(str(path))
        path.chmod(0o777)
        return ready

    def _who(self, name: str) -> pwd.struct_passwd:
        lines = (self.root / "etc/passwd").read_text().splitlines()
        row = next(line.split(":") for line in lines if line.startswith(f"{name}:"))
        return pwd.struct_passwd((row[0], row[1], int(row[2]), int(row[3]), row[4], row[5], row[6]))

    def serve(self) -> None:
        """`systemctl` in the machine asks here, from now on."""
        asking = self.root / "usr/local/bin/systemctl"
        asking.write_text(ASKING)
        asking.chmod(0o755)
        place = self.root / "run/stand-in"
        place.unlink(missing_ok=True)
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(str(place))
        listening.listen()
        threading.Thread(target=self._answering, args=(listening,), daemon=True).start()

    def _answering(self, listening: socket.socket) -> None:
        while True:
            asked, _address = listening.accept()
            with asked:
                words = json.loads(b"".join(iter(lambda one=asked: one.recv(65536), b"")))
                asked.sendall(json.dumps(self.answer(words)).encode())

    def end(self) -> None:
        """Whatever still runs of the machine."""
        for name in list(self.running):
            with suppress(subprocess.SubprocessError):
                self.stop(name)
        while self.sockets:
            self.sockets.popitem()[1].close()
        for _ in range(20):
            living = [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_ours(pid)]
            if not living:
                return
            for pid in living:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.2)

    def _is_ours(self, pid: int) -> bool:
        try:
            return Path(os.readlink(f"/proc/{pid}/root")) == self.root
        except OSError:
            return False
