"""A site's agent reduced to its socket: `python echo_agent.py SOCKET` answers what it is asked."""

import socket
import sys
from contextlib import suppress
from pathlib import Path

from federated.contract.messages import MAX_MESSAGE_BYTES
from privacy.frames import frame, read_frame, socket_address


def main() -> None:
    path = Path(sys.argv[1])
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        with socket_address(path) as name:
            listener.bind(name)
        listener.listen()
        while True:
            stream, _ = listener.accept()
            with stream:
                asked = read_frame(stream, MAX_MESSAGE_BYTES)
                if asked == b"be silent":
                    continue
                with suppress(BrokenPipeError):  # an answer that is too long is not read
                    stream.sendall(frame(b"echo " + asked))


main()
