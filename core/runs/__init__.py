"""What a training run is, told without a network."""
