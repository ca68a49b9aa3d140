"""A browser for tests: Chromium without a window, spoken to through a pipe.

The messages are those of the DevTools protocol: JSON objects, each ended by a
NUL byte, on the descriptors 3 (to the browser) and 4 (from it).
"""

import base64
import collections
import json
import os
import select
import shutil
import signal
import subprocess
import tempfile
import time


def program():
    """Where Chromium is; None if there is none."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        path = shutil.which(name)
        if path:
            return path
    return None


class Error(Exception):
    """The browser said no, or nothing at all."""


class Browser:
    """Use it with "with": whatever happens, it ends, and so does its
    profile."""

    def __init__(self, seconds=30):
        self.seconds = seconds
        self.number = 0
        self.buffer = b""
        self.events = collections.deque()
        self.profile = tempfile.mkdtemp(prefix="mailscan-browser-")
        to_read, self.to = os.pipe()
        self.source, from_write = os.pipe()
        arguments = [
            program(), "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run",
            "--no-default-browser-check", "--hide-scrollbars",
            "--force-color-profile=srgb", "--remote-debugging-pipe",
            "--user-data-dir=" + self.profile, "about:blank"]
        # The shell puts the pipe where the browser looks for it.
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" 3<&%d 4>&%d' % (to_read, from_write),
             "sh"] + arguments, pass_fds=(to_read, from_write),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read)
        os.close(from_write)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        os.close(self.to)
        os.close(self.source)
        shutil.rmtree(self.profile, ignore_errors=True)

    def receive(self, seconds):
        """The next message; None if there is none in so many seconds."""
        end = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.source], [], [],
                                              left)[0]:
                return None
            data = os.read(self.source, 1 << 20)
            if not data:
                raise Error("the browser is gone")
            self.buffer += data
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def call(self, method, session=None, **parameters):
        """The result of METHOD; what happened meanwhile is kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        end = time.monotonic() + self.seconds
        while True:
            answer = self.receive(end - time.monotonic())
            if answer is None:
                raise Error("no answer to " + method)
            if answer.get("id") == self.number:
                break
            self.events.append(answer)
        if "error" in answer:
            raise Error("%s: %s" % (method, answer["error"]["message"]))
        return answer["result"]

    def page(self, **options):
        return Page(self, **options)


class Page:
    """One tab, which keeps what it asked the network for (REQUESTS) and what
    it complained about (COMPLAINTS)."""

    def __init__(self, browser, script=True, scheme="light", width=1280,
                 height=900):
        self.browser = browser
        self.requests = []
        self.complaints = []
        target = browser.call("Target.createTarget", url="about:blank")
        self.target = target["targetId"]
        self.session = browser.call(
            "Target.attachToTarget", targetId=self.target,
            flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log", "Audits"):
            self.call(domain + ".enable")
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": scheme}])
        self.resize(width, height)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.browser.call("Target.closeTarget", targetId=self.target)

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def resize(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=False)

    def note(self, event):
        method, about = event.get("method"), event.get("params", {})
        if event.get("sessionId") != self.session:
            return None
        if method == "Network.requestWillBeSent":
            self.requests.append(about["request"]["url"])
        elif method == "Runtime.exceptionThrown":
            details = about["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get(
                "description", details["text"]))
        elif method == "Runtime.consoleAPICalled":
            self.complaints.append("console.%s: %s" % (
                about["type"], about["args"]))
        elif method == "Log.entryAdded":
            self.complaints.append(about["entry"]["text"])
        elif method == "Audits.issueAdded":
            self.complaints.append(json.dumps(about["issue"]))
        return method

    def settle(self, until=None, seconds=0.2):
        """Take in what happened, up to the event UNTIL if one is named."""
        end = time.monotonic() + (self.browser.seconds if until else seconds)
        while True:
            if self.browser.events:
                event = self.browser.events.popleft()
            else:
                event = self.browser.receive(end - time.monotonic())
            if event is None:
                if until:
                    raise Error("never happened: " + until)
                return
            if self.note(event) == until and until:
                return

    def open(self, path):
        """Load the file at PATH; how many seconds it took until it was there
        and painted."""
        began = time.monotonic()
        self.call("Page.navigate", url="file://" + os.path.abspath(path))
        self.settle("Page.loadEventFired")
        # Drawn, not only there.
        self.call("Page.captureScreenshot", format="jpeg", quality=10)
        return time.monotonic() - began

    def run(self, expression):
        """The value of EXPRESSION, a promise's when it is kept."""
        answer = self.call("Runtime.evaluate", expression=expression,
                           returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise Error(answer["exceptionDetails"].get(
                "exception", {}).get("description", expression))
        return answer["result"].get("value")

    def click(self, selector):
        """As a hand does: where it is, and on what lies on top there."""
        place = self.run("""(() => {
            const e = document.querySelector(%s);
            e.scrollIntoView({ block: "center" });
            const r = e.getBoundingClientRect();
            return [r.x + r.width / 2, r.y + r.height / 2];
        })()""" % json.dumps(selector))
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0],
                      y=place[1], button="left", clickCount=1)

    def key(self, name, text=""):
        codes = {"Enter": 13, "Tab": 9, " ": 32, "Escape": 27, "/": 191}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name,
                      code=name, windowsVirtualKeyCode=codes.get(name, 0),
                      **({"text": text} if kind == "keyDown" and text
                         else {}))

    def type(self, text):
        self.call("Input.insertText", text=text)

    def picture(self, path):
        """A screenshot of what fits."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as stream:
            stream.write(base64.b64decode(data))

    def print(self, path):
        data = self.call("Page.printToPDF", printBackground=True)["data"]
        with open(path, "wb") as stream:
            stream.write(base64.b64decode(data))
