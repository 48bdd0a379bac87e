"""The SPIN loop: predict, fit, offer to the dictionary, supervise; runs, resume, distribution."""
