"""HTTPS to this machine under any name, for programs: browsers send *.localhost to loopback by
themselves, other resolvers need not know it. The certificate is checked against the name."""

import http.client
import socket
import ssl


class LoopbackConnection(http.client.HTTPSConnection):
    def __init__(self, name, port, authority, timeout=40, identity=None):
        """`identity`: files of our certificate and its key."""
        self._tls = ssl.create_default_context(cafile=str(authority))
        if identity:
            self._tls.load_cert_chain(*map(str, identity))
        super().__init__(name, port, context=self._tls, timeout=timeout)

    def connect(self):
        plain = socket.create_connection(("127.0.0.1", self.port), self.timeout)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self.host)
