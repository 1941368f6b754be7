"""TCP proxies that store what they carry: `python -m federated.transport.recording_proxy ROUTE ...`

ROUTE is PORT=HOST:PORT=FOLDER: listen on loopback, dial there, record in FOLDER. The bytes pass
unread and unchanged; they are written before they are passed on, so that the record is never short.
"""

import asyncio
import sys
from itertools import count
from pathlib import Path

from federated.transport.recording import TO_SITE, TO_SUPERLINK

_CHUNK = 1 << 16


async def _pass_on(
    source: asyncio.StreamReader, target: asyncio.StreamWriter, record: Path
) -> None:
    with record.open("ab", buffering=0) as file:
        try:
            while data := await source.read(_CHUNK):
                file.write(data)
                target.write(data)
                await target.drain()
        except ConnectionError:  # an end of the connection like any other
            pass
        finally:
            target.close()


async def _listen(port: int, host: str, to_port: int, folder: Path) -> None:
    numbers = count()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far_writer = await asyncio.open_connection(host, to_port)
        except OSError:
            writer.close()
            return
        name = f"{next(numbers)}-{writer.get_extra_info('peername')[1]}"
        await asyncio.gather(
            _pass_on(reader, far_writer, folder / (name + TO_SUPERLINK)),
            _pass_on(far_reader, writer, folder / (name + TO_SITE)),
        )

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


async def _main(routes: list[str]) -> None:
    async with asyncio.TaskGroup() as group:
        for route in routes:
            port, address, folder = route.split("=", 2)
            host, _, to_port = address.rpartition(":")
            group.create_task(_listen(int(port), host, int(to_port), Path(folder)))


if __name__ == "__main__":
    asyncio.run(_main(sys.argv[1:]))
