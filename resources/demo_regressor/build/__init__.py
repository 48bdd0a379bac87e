"""What made ``demo_regressor.pt``; run with ``python -m resources.demo_regressor.build``."""
