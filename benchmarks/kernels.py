"""Learners without a browser: kernels that get the messages which a page sends when a slider moves, through a server.

They speak Jupyter's own protocol over websockets. What comes back is read only as far as it says that the kernel is
done, and nothing is drawn: on a hub that is the work of the learners' own computers.
"""

import asyncio
import json
import threading
import uuid
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import pairwise
from time import perf_counter

from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

SECONDS = 300  # that a server or a kernel may take when all start at once
PROTOCOL = "v1.kernel.websocket.jupyter.org"
AsyncHTTPClient.configure(None, max_clients=100)  # else ten at a time


class Learner:
    """A kernel of a server, which is given by its "url" and "token"; all methods are coroutines."""

    def __init__(self, server):
        self.server, self.session, self.steps = server, uuid.uuid4().hex, 0

    async def start(self, code, control):
        """Start the kernel and run `code` in it, which makes a figure; `control` is an expression for its slider."""
        self.kernel = json.loads(await self._ask("POST", "api/kernels", "{}"))["id"]
        address = self.server["url"].replace("http", "ws", 1)
        address += f"api/kernels/{self.kernel}/channels?session_id={self.session}&token={self.server['token']}"
        request = HTTPRequest(address, connect_timeout=SECONDS, request_timeout=SECONDS)
        self.socket = await websocket_connect(request, subprotocols=[PROTOCOL])
        wanted = {"slider": f"{control}.comm.comm_id", "pid": "__import__('os').getpid()"}
        content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False, "stop_on_error": True}
        reply = await self._done("execute_request", content | {"user_expressions": wanted})
        if reply["status"] != "ok":
            raise RuntimeError(f"the lesson failed: {reply}")
        answers = {name: answer["data"]["text/plain"] for name, answer in reply["user_expressions"].items()}
        self.slider, self.pid = answers["slider"].strip("'"), int(answers["pid"])

    async def step(self, value):
        """Send a slider's value; returns once the kernel is done with it."""
        state = {"method": "update", "state": {"value": value}, "buffer_paths": []}
        await self._done("comm_msg", {"comm_id": self.slider, "data": state})
        self.steps += 1

    async def stop(self):
        self.socket.close()
        await self._ask("DELETE", f"api/kernels/{self.kernel}")

    async def _ask(self, method, path, body=None):
        """The body of the server's answer; a server says where it is a moment before it listens."""
        address, headers = self.server["url"] + path, {"Authorization": f"token {self.server['token']}"}
        times = {"connect_timeout": SECONDS, "request_timeout": SECONDS}
        request, end = HTTPRequest(address, method, headers, body, **times), perf_counter() + SECONDS
        while True:
            try:
                return (await AsyncHTTPClient().fetch(request)).body
            except OSError:
                if perf_counter() > end:
                    raise
                await asyncio.sleep(0.1)

    async def _done(self, kind, content):
        """Send a message to the kernel; returns the content of its reply, {} for none, once it is idle again."""
        name, reply, idle = uuid.uuid4().hex, {}, False
        header = {"msg_id": name, "msg_type": kind, "session": self.session, "username": "", "version": "5.4"}
        header["date"] = datetime.now(UTC).isoformat()
        await self.socket.write_message(packed("shell", header, {}, {}, content), binary=True)
        while not idle or (kind == "execute_request" and not reply):  # the two come on channels of their own
            message = await asyncio.wait_for(self.socket.read_message(), SECONDS)
            if message is None:
                raise RuntimeError("the server has closed the connection")
            channel, header, parent, _, content = parts(message)
            if name.encode() in parent:
                if channel == b"shell":
                    reply = json.loads(content)
                elif b'"status"' in header:
                    idle = json.loads(content)["execution_state"] == "idle"
        return reply


def packed(channel, *members):
    """A message as it goes over the websocket: where each part begins, the channel's name, the others as JSON."""
    found = [channel.encode(), *(json.dumps(member).encode() for member in members)]
    offsets = [8 * (len(found) + 2)]
    for part in found:
        offsets.append(offsets[-1] + len(part))
    return b"".join(n.to_bytes(8, "little") for n in (len(offsets), *offsets)) + b"".join(found)


def parts(message):
    """Channel, header, parent header, metadata and content of a message that came over the websocket, as bytes."""
    offsets = [int.from_bytes(message[8 * k : 8 * k + 8], "little") for k in range(1, 7)]
    return [message[a:b] for a, b in pairwise(offsets)]


class Class:
    """Learners of one or several servers, whose sliders are moved in a thread of their own."""

    def __init__(self, loop):
        self.loop, self.all, self.moving, self.moves = loop, [], False, None

    def run(self, work):
        """Wait for a coroutine."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def start(self, servers, code, control):
        """Start a learner on each of the servers at once; returns the seconds until the last one has a figure."""
        begin = perf_counter()
        new = [Learner(server) for server in servers]

        async def start():
            await asyncio.gather(*(learner.start(code, control) for learner in new))

        self.run(start())
        self.all += new
        return perf_counter() - begin

    def stop(self, count=None):
        """Stop the last `count` learners, all without it."""
        leaving = self.all[-count:] if count else self.all[:]
        del self.all[len(self.all) - len(leaving) :]

        async def stop():
            await asyncio.gather(*(learner.stop() for learner in leaving))

        self.run(stop())

    def move(self, count, rate):
        """Let the sliders of the first `count` learners move, up to `rate` steps a second each, until `rest`."""
        self.moving, self.begin = True, perf_counter()

        async def learner(one, i):
            await asyncio.sleep(i / count / rate)  # not all in the same moment
            one.steps = 0
            while self.moving:
                following = perf_counter() + 1 / rate
                await one.step(0.5 + one.steps % 100 / 100)
                await asyncio.sleep(following - perf_counter())

        async def all_of_them():
            await asyncio.gather(*(learner(one, i) for i, one in enumerate(self.all[:count])))

        self.moves = asyncio.run_coroutine_threadsafe(all_of_them(), self.loop)

    def rest(self):
        """Let all sliders rest; returns the steps per second of each learner whose slider moved."""
        seconds = perf_counter() - self.begin
        steps = [one.steps / seconds for one in self.all if one.steps]
        self.moving = False
        self.moves.result()
        for one in self.all:
            one.steps = 0
        return steps


@contextmanager
def a_class():
    """A Class without learners at first; those that it has are stopped at the end."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    here = Class(loop)
    try:
        yield here
    finally:
        here.moving = False
        here.stop()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
