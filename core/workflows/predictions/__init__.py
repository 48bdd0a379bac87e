"""Other methods' predictions: matching, placing and checking them."""
