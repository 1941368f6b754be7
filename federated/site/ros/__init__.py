"""A site's ROS: what is checked here, what people have answered, the report's data, decisions."""
