"""Flower's door to `federated.transport.serverapp`."""

from federated.transport.serverapp import app

__all__ = ["app"]
