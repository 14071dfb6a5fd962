#!/usr/bin/python3
"""slow_redis.py PORT TO SECONDS: passes on what is said to the Redis on port TO; each reply is late."""

import asyncio
import sys


async def pass_on(reader, writer, late):
    loop = asyncio.get_running_loop()
    while text := await reader.read(65536):
        if late:
            loop.call_later(late, writer.write, text)
        else:
            writer.write(text)
    writer.close()


async def serve(port, to, late):
    async def meet(reader, writer):
        upstream_reader, upstream_writer = await asyncio.open_connection("127.0.0.1", to)
        await asyncio.gather(pass_on(reader, upstream_writer, 0),
                             pass_on(upstream_reader, writer, late), return_exceptions=True)

    server = await asyncio.start_server(meet, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
