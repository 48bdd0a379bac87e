"""Makes people with right and with wrong labels, and learns to tell them apart."""
