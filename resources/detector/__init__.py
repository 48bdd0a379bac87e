"""The frozen networks that find and measure people."""
