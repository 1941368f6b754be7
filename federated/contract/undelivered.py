"""Why a message got no answer, as far as it may be told: a closed list, no exception's text."""

from enum import StrEnum


class Undelivered(StrEnum):
    """The outcome of an exchange with one site, instead of its reply.

    The first group is said by the site's relay, the second is found out on the coordinator's side.
    """

    BUNDLE_DIFFERS = "bundle_differs"
    """The relay was sent another bundle than the one its site has installed."""
    UNKNOWN_MESSAGE = "unknown_message"
    """The message is not of the one type and shape the relay carries."""
    AGENT_UNREACHABLE = "agent_unreachable"
    """Nobody listens on the agent's socket."""
    AGENT_FAILED = "agent_failed"
    """The agent took the message and gave no whole reply in time."""

    OFFLINE = "offline"
    """The site's SuperNode is not connected, or was lost before it answered."""
    NO_REPLY = "no_reply"
    """The site's SuperNode is connected; no reply came in time."""
    TRANSPORT_FAILED = "transport_failed"
    """Flower reported an error of its own."""
