"""A site's ROS: what is checked here, what people have answered, and the report's data."""

from federated.site.ros.document import build_document

__all__ = ["build_document"]
