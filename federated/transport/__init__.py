"""The only room that knows Flower: SuperLink, SuperNodes, the relay, messages in and out.

Everything here is untrusted transport. It carries bytes that it cannot interpret between a
coordinator and the socket of a site's agent; what may be asked and answered is decided elsewhere.
"""
