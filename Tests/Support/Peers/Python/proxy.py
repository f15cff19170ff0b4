# SPDX-License-Identifier: Apache-2.0
"""pproxy as the HTTP, HTTPS and SOCKS proxy that our client goes through.

    proxy.py [--user USER:PASSWORD] [--certificate FILE --key FILE]

Listens on a free port of 127.0.0.1 for HTTP, SOCKS 4 and SOCKS 5, with a certificate over TLS, and prints that port as one
line; then a line for each connection with the protocol and where it leads to. Serves until its standard input ends.
"""

import argparse
import asyncio
import ssl
import sys

import pproxy

parser = argparse.ArgumentParser()
parser.add_argument("--user")
parser.add_argument("--certificate")
parser.add_argument("--key")
options = parser.parse_args()


def tell(text):
    protocol, _, *rest = text.split(" ")
    print(protocol, *rest, flush=True)


async def relay(reader, writer):
    try:
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()


async def main():
    kinds = "http+socks4+socks5://127.0.0.1:0" + (f"#{options.user}" if options.user else "")
    server = await pproxy.Server(kinds).start_server({"rserver": [], "verbose": tell, "authtime": 0})
    port = plain_port = server.sockets[0].getsockname()[1]
    if options.certificate:

        async def unwrap(reader, writer):
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", plain_port)
            await asyncio.gather(relay(reader, inner_writer), relay(inner_reader, writer))

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        outer = await asyncio.start_server(unwrap, "127.0.0.1", 0, ssl=context)
        port = outer.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


asyncio.run(main())
