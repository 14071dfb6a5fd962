"""Requests as a browser makes them, to the balancer, and what its answers are good for."""

import asyncio

from .site import HOST


class NoAnswer(Exception):
    pass


class Response:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body

    def header(self, name):
        return next((value for known, value in self.headers if known == name), None)


async def exchange(port, method, path, headers=(), body=None, encoding="utf-8"):
    async def conversation():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        try:
            lines = [f"{method} {path} HTTP/1.0", f"Host: {HOST}", *headers]
            if body is not None:
                lines.append(f"Content-Length: {len(body)}")
            writer.write("\r\n".join(lines + ["", body or ""]).encode())
            return await reader.read(-1)
        finally:
            writer.close()
    try:
        async with asyncio.timeout(15):
            answer = await conversation()
    except OSError as error:  # TimeoutError is one
        raise NoAnswer(str(error)) from error
    head, _, rest = answer.decode(encoding, "replace").partition("\r\n\r\n")
    if not head.startswith("HTTP/"):
        raise NoAnswer("closed")
    first, *lines = head.split("\r\n")
    fields = [line.split(": ", 1) for line in lines if ": " in line]
    return Response(int(first.split()[1]), [(name.lower(), value) for name, value in fields], rest)


class Browser:
    def __init__(self, port):
        self.port = port
        self.cookies = {}

    @property
    def session(self):
        return self.cookies.get("__Host-clave")

    async def get(self, path):
        return await self._ask("GET", path)

    async def post(self, path, body="", *headers):
        return await self._ask("POST", path, headers, body)

    async def post_from_gateway(self, form):
        """Cross-site: cookies stay at home (SameSite=Lax)."""
        return self._keep(await exchange(self.port, form["method"], "/.clave/acs", [
            f"Content-Type: {form['content_type']}", "Origin: null"], form["body"]))

    async def _ask(self, method, path, headers=(), body=None):
        all_headers = list(headers)
        if self.cookies:
            all_headers.append("Cookie: " + "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        return self._keep(await exchange(self.port, method, path, all_headers, body))

    def _keep(self, response):
        for name, value in response.headers:
            if name == "set-cookie":
                cookie, _, attributes = value.partition(";")
                key, _, content = cookie.partition("=")
                if content == "" or "max-age=0" in attributes.lower():
                    self.cookies.pop(key, None)
                else:
                    self.cookies[key] = content
        return response
