"""Jobs on what is known of people beyond pictures: joints in space."""
