"""A job in several shards, each on a machine of its own, and what they made merged into one."""
