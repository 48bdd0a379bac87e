"""Tables of one row a person, as other programs read them."""
