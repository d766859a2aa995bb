"""A server that speaks S3, moto's, in a process of its own: it simulates, in memory, and checks signatures.

It stands for Garage, MinIO, Ceph or Amazon's own: what they do that it does not is not tried here.
"""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic, sleep
from typing import Any, Final
from urllib.parse import quote

import boto3
import pytest

from marelle.core.buckets import Bucket, bucket_read
from marelle.files.buckets import CONFIG, storage_to

PATIENCE: Final = 30
VERSION: Final = "2012-10-17"
ALL: Final = {"Effect": "Allow", "Action": "*", "Resource": "*"}
OPEN: Final = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


@dataclass(frozen=True)
class Server:
    port: int
    key: str
    secret: str

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def address(self, name: str, *, key: str = "", secret: str = "", port: int = 0) -> str:
        """As a setting has it."""
        opens = f"{key or self.key}:{quote(secret or self.secret, safe='')}"
        return f"s3://{opens}@127.0.0.1:{port or self.port}/{name}?encryption=none"

    def client(self) -> Any:
        return storage_to(bucket_read("BUCKET", self.address("any"))).connection.meta.client

    def opens_to_all(self, name: str) -> None:
        statement = {**OPEN, "Resource": f"arn:aws:s3:::{name}/*"}
        self.client().put_bucket_policy(Bucket=name, Policy=_policy(statement))

    @contextmanager
    def asking_nobody(self) -> Iterator[None]:
        """Whatever has no key is let in where the bucket is open: else moto fails at it."""
        _asks_from(self.port, "inf")
        yield
        _asks_from(self.port, "0")


class _Failing(BaseHTTPRequestHandler):
    """500 to all, but for lists where the server says that it still gives these."""

    def do_GET(self) -> None:
        lists = getattr(self.server, "lists", False) and "list-type" in self.path
        self._answer(200 if lists else 500, b"<ListBucketResult/>" if lists else b"")

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer(500, b"")

    do_HEAD = do_DELETE = do_PUT  # noqa: N815 - as the server names them

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_said: object) -> None:
        pass


@contextmanager
def failing(*, lists: bool = False) -> Iterator[Bucket]:
    """The bucket of a store that fails at all it is asked, or at all but to list what it holds."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Failing) as server:
        server.lists = lists  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        port = server.server_address[1]
        yield bucket_read("STORAGE_URL", f"s3://k:s@127.0.0.1:{port}/bucket?encryption=none")
        server.shutdown()
        thread.join()


@pytest.fixture(scope="session")
def s3() -> Iterator[Server]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = monotonic() + PATIENCE
        while not _answers(port):
            assert running.poll() is None, "the server of S3 has ended"
            assert monotonic() < until, "the server of S3 does not answer"
            sleep(0.05)
        yield Server(port, *_key(port))
    finally:
        running.kill()
        running.wait(PATIENCE)


@pytest.fixture
def bucket(s3: Server) -> Bucket:
    """An empty one of the test's own."""
    name = f"t-{uuid.uuid4().hex}"
    s3.client().create_bucket(Bucket=name)
    return bucket_read("STORAGE_URL", s3.address(f"{name}/portail"))


@pytest.fixture
def files_bucket(bucket: Bucket, settings: Any) -> Bucket:
    """It is where files are kept."""
    keep_in(settings, bucket)
    return bucket


def keep_in(settings: Any, bucket: Bucket) -> None:
    settings.STORAGE = bucket
    private = {"BACKEND": "marelle.files.buckets.SealedBucket", "OPTIONS": {"bucket": bucket}}
    settings.STORAGES = {**settings.STORAGES, "private": private}


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _asks_from(port: int, requests: str) -> None:
    """After so many requests the server asks for a key that it knows, and for its signature."""
    line = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.request("POST", "/moto-api/reset-auth", requests, {"Content-Type": "text/plain"})
    assert line.getresponse().status == 200
    line.close()


def _policy(statement: dict[str, str]) -> str:
    return json.dumps({"Version": VERSION, "Statement": [statement]})


def _key(port: int) -> tuple[str, str]:
    """That of a user who may do all; from then on nobody else may do anything."""
    url = f"http://127.0.0.1:{port}"
    any_key = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}
    users = boto3.client("iam", endpoint_url=url, config=CONFIG, **any_key)
    users.create_user(UserName="marelle")
    users.put_user_policy(UserName="marelle", PolicyName="all", PolicyDocument=_policy(ALL))
    key = users.create_access_key(UserName="marelle")["AccessKey"]
    _asks_from(port, "0")
    return key["AccessKeyId"], key["SecretAccessKey"]
