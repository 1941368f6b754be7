"""A SuperNode's Runtime API, as Flower's own ClientApp process uses it: take a task, answer it.

Pinned to flwr 1.41, whose internals these imports are; `flwr.supernode.runtime.run_clientapp` is
what this stands in for. Unlike that one it holds and imports nothing that could install or run a
bundle.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from flwr.app import Error, Message
from flwr.app.message import remove_content_from_message
from flwr.common.constant import ErrorCode, SubStatus
from flwr.common.serde import message_to_proto
from flwr.proto.node_pb2 import Node
from flwr.proto.runtime_pb2 import (
    AcquireTaskRequest,
    PullAppMessagesRequest,
    PullTaskInputRequest,
    PullTaskInputResponse,
    PushAppMessagesRequest,
    PushTaskOutputRequest,
    SendTaskHeartbeatRequest,
)
from flwr.supercore.constant import TaskType
from flwr.supercore.inflatable.inflatable_object import (
    get_all_nested_objects,
    get_object_tree,
    no_object_id_recompute,
)
from flwr.supercore.inflatable.inflatable_protobuf_utils import (
    make_confirm_message_received_fn_protobuf,
    make_pull_object_fn_protobuf,
    make_push_object_fn_protobuf,
)
from flwr.supercore.inflatable.inflatable_utils import (
    pull_and_inflate_object_from_tree,
    push_objects,
)
from flwr.supercore.interceptors import (
    RuntimeTokenHttpInterceptor,
    RuntimeVersionHttpInterceptor,
    SuperExecAuthHttpInterceptor,
)
from flwr.supercore.runtime import RuntimeHttpClient

from federated.contract.undelivered import Undelivered
from federated.transport.payload import pack

RuntimeApiError = httpx.HTTPError
"""The SuperNode cannot be reached or refused the call."""

_HEARTBEAT = 20.0  # seconds; Flower gives a task up after two intervals of 30


class Task:
    """One message that waits for its answer, with the bundle that came with its run."""

    def __init__(self, client: RuntimeHttpClient) -> None:
        self._client = client
        self._input: PullTaskInputResponse = client.PullTaskInput(PullTaskInputRequest())
        self._node = Node(node_id=self._input.context.node_id)
        self.message = self._pull()

    @property
    def bundle(self) -> bytes:
        return self._input.fab.content

    def answer(self, payload: bytes) -> None:
        self._push(Message(pack(payload), reply_to=self.message))
        self._finish(SubStatus.COMPLETED)

    def refuse(self, reason: Undelivered) -> None:
        """Answer with one of a closed list of reasons and nothing else."""
        error = Error(ErrorCode.CLIENT_APP_RAISED_EXCEPTION, reason.value)
        self._push(Message(error, reply_to=self.message))
        self._finish(SubStatus.FAILED)

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Tell the SuperNode that the task is being worked on, for as long as the block runs."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(_HEARTBEAT):
                try:
                    self._client.SendTaskHeartbeat(SendTaskHeartbeatRequest())
                except httpx.HTTPError:  # the answer will find out
                    continue

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _pull(self) -> Message:
        run = self._input.run.run_id
        response = self._client.PullMessages(PullAppMessagesRequest())
        tree = response.message_object_trees[0]
        message = pull_and_inflate_object_from_tree(
            tree,
            make_pull_object_fn_protobuf(self._client.PullObject, self._node, run),
            make_confirm_message_received_fn_protobuf(
                self._client.ConfirmMessageReceived, self._node, run
            ),
            return_type=Message,
        )
        message.metadata.__dict__["_message_id"] = (
            tree.object_id
        )  # as Flower does; it has no setter
        return message

    def _push(self, reply: Message) -> None:
        reply.metadata.__dict__["_message_id"] = reply.object_id
        with no_object_id_recompute():
            response = self._client.PushMessages(
                PushAppMessagesRequest(
                    messages_list=[message_to_proto(remove_content_from_message(reply))],
                    message_object_trees=[get_object_tree(reply)],
                )
            )
            push_objects(
                get_all_nested_objects(reply),
                make_push_object_fn_protobuf(
                    self._client.PushObject,
                    self._node,
                    run_id=self._input.run.run_id,
                    session_id=response.session_id,
                ),
                object_ids_to_push=set(response.objects_to_push),
            )

    def _finish(self, status: str) -> None:
        self._client.PushTaskOutput(
            PushTaskOutputRequest(context=self._input.context, sub_status=status, details="")
        )


class Tasks:
    """The tasks of one SuperNode. address: host:port on loopback. Calls raise RuntimeApiError."""

    def __init__(self, address: str, secret_file: Path) -> None:
        self._address = address
        self._client = self._connect(
            SuperExecAuthHttpInterceptor(
                master_secret=secret_file.read_bytes(),
                protected_methods={"/flwr.proto.Runtime/AcquireTask"},
            )
        )

    @contextmanager
    def next(self) -> Iterator[Task | None]:
        """The oldest waiting task, or None. The task's connection is closed with the block."""
        response = self._client.AcquireTask(
            AcquireTaskRequest(supported_task_types=[TaskType.CLIENT_APP])
        )
        if not response.token:
            yield None
            return
        with self._connect(RuntimeTokenHttpInterceptor(response.token)) as client:
            yield Task(client)

    def _connect(
        self, interceptor: SuperExecAuthHttpInterceptor | RuntimeTokenHttpInterceptor
    ) -> RuntimeHttpClient:
        # Loopback within one site; the wire between organisations is the SuperNode's TLS.
        return RuntimeHttpClient.from_server_address(
            server_address=self._address,
            insecure=True,
            root_certificates=None,
            interceptors=[
                RuntimeVersionHttpInterceptor(component_name="flwr-clientapp"),
                interceptor,
            ],
        )
